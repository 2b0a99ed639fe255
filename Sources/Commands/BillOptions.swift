import ArgumentParser
import BillOfMaterials
import Image
import NixClosure
import SystemCalls
import Tar

/// A bill of materials beside an image.
struct BillOptions: ParsableArguments {
    @Option(
        help: "Attach a bill of materials: spdx or cyclonedx.",
        completion: .list(BillOfMaterials.Form.allCases.map(\.rawValue)))
    var sbom: String?

    @Option(
        help: ArgumentHelp(
            "Write the bill of materials to a file as well; - for standard output.", valueName: "file"),
        completion: .file())
    var sbomFile: String?

    mutating func validate() throws {
        if let sbom, BillOfMaterials.Form(rawValue: sbom) == nil {
            throw ValidationError("--sbom takes spdx or cyclonedx, not '\(sbom)'")
        }
        if sbomFile == "" { throw ValidationError("--sbom-file needs a file's name, or - for standard output") }
        if sbomFile != nil, sbom == nil {
            throw ValidationError("--sbom-file needs a form: --sbom spdx or --sbom cyclonedx")
        }
    }

    /// Where it goes beside the image.
    var file: Path? { sbomFile.map { Path($0) } }

    /// Sees that the file can be made, before anything is written.
    func requirePlace() throws(PathError) {
        guard let file, !isPrinted else { return }
        let kind = (try? Directory.current.metadata(of: Name(file), following: true))?.kind
        if kind == .directory {
            throw PathError(file, "\(file.quoted) is a folder: name a file for the bill of materials")
        }
        let parent = (try? Directory.current.metadata(of: Name(file.parent), following: true))?.kind
        if kind == nil, parent != .directory {
            throw PathError(
                file, "\(file.quoted) cannot be made: there is no folder \(file.parent.quoted); make it first")
        }
    }

    private var form: BillOfMaterials.Form? { sbom.flatMap { BillOfMaterials.Form(rawValue: $0) } }

    /// Whether it goes where the program prints.
    var isPrinted: Bool { sbomFile.map { ArchiveOutput.file(Path($0)).isStandardOutput } ?? false }

    /// Attaches it in an image layout; elsewhere it is a file of its own, or nothing.
    func write(
        of image: WrittenImage, _ graph: ClosureGraph, in store: Store, _ created: String, _ reference: ImageReference,
        _ setting: LayoutSetting
    ) throws {
        guard let form else { return }
        let bill = BillOfMaterials(
            of: graph, in: store, manifest: image.manifest.digest, created: created, tool: Version.parts)
        let document = bill.document(form)
        if let place = reference.layoutPlace {
            try setting.layout(place.path, makes: false).attach(
                Referrer(document, form.mediaType, about: image.manifest, created: created))
        }
        if let file { try ArchiveOutput.file(file).write(document, syncs: setting.syncs) }
    }
}
