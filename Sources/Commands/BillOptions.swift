import ArgumentParser
import BillOfMaterials
import Image
import NixClosure
import SystemCalls

/// A bill of materials beside an image.
struct BillOptions: ParsableArguments {
    @Option(
        help: "Attach a bill of materials: spdx or cyclonedx.",
        completion: .list(BillOfMaterials.Form.allCases.map(\.rawValue)))
    var sbom: String?

    @Option(
        help: ArgumentHelp("Write the bill of materials to a file as well.", valueName: "file"), completion: .file())
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

    /// Attaches it in an image layout; elsewhere it is a file of its own, or nothing.
    func write(
        of image: WrittenImage, _ graph: ClosureGraph, in store: Store, _ created: String, _ reference: ImageReference,
        _ setting: LayoutSetting
    ) throws {
        guard let form else { return }
        let bill = BillOfMaterials(
            of: graph, in: store, name: reference.bareName, manifest: image.manifest.digest, created: created,
            tool: Version.parts)
        let document = bill.document(form)
        if let sbomFile { try write(document, to: Path(sbomFile)) }
        guard let place = reference.layoutPlace else { return }
        try setting.layout(place.path, makes: false).attach(
            Referrer(document, form.mediaType, about: image.manifest, created: created))
    }

    /// Under another name first: a reader sees the old one or the new one.
    private func write(_ document: [UInt8], to path: Path) throws(PathError) {
        let staged = path.sibling(Name.temporary())
        do throws(Errno) {
            let file = try Directory.current.createFile(Name(staged), FileMode(rawValue: 0o644))
            try file.write(all: document)
            try file.close()
            try Directory.current.rename(Name(staged), over: Name(path))
        } catch {
            try? Directory.current.unlink(Name(staged))
            throw PathError(path, "cannot write \(path.quoted): \(error.message)", error)
        }
    }
}

extension ImageReference {
    /// The image's own name, wherever it is.
    fileprivate var bareName: String {
        switch self {
        case .layout(let path, let tag), .layoutArchive(let path, let tag): "\(path.lastComponent):\(tag)"
        case .dockerArchive(let path, let name): name ?? "\(path.lastComponent)"
        case .dockerDaemon(let name): name
        }
    }
}
