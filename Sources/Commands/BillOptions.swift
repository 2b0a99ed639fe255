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
        if sbomFile != nil, sbom == nil {
            throw ValidationError("--sbom-file needs a form: --sbom spdx or --sbom cyclonedx")
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
        if let sbomFile { try ArchiveOutput.file(Path(sbomFile)).write(document) }
        guard let place = reference.layoutPlace else { return }
        try setting.layout(place.path, makes: false).attach(
            Referrer(document, form.mediaType, about: image.manifest, created: created))
    }
}
