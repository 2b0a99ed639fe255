import JSON
import SystemCalls
public import Tar

/// An image layout as one file. With a name for Docker, `docker load` takes it as well: it finds the blobs by
/// `manifest.json`, as in what Docker 25 and later saves. Sources: OCI image specification, image-layout.md; moby,
/// image/tarexport.
public struct ImageArchive: Sendable {
    /// Who is to read it.
    public enum Form: Hashable, Sendable {
        /// Readers of image layouts, by this tag.
        case layout(tag: String)
        /// Docker and those, by this name, `NAME:TAG`; nil for an image without one.
        case docker(name: String?)
    }

    private let layout: ImageLayout
    private let image: WrittenImage
    private let form: Form

    /// An archive of an image that is in a layout, apart from layers that are nowhere but where it goes.
    public init(_ image: WrittenImage, in layout: ImageLayout, as form: Form) {
        self.layout = layout
        self.image = image
        self.form = form
    }

    /// What it holds.
    public var items: [ArchiveItem] {
        let blobs = Set(
            [image.manifest, image.config] + image.stack.filter { layout.blobs.has($0.digest, size: $0.size) })
        let digests = Set(blobs.map(\.digest)).sorted()
        return [
            ArchiveItem("blobs", .directory(mode: 0o755)), ArchiveItem("blobs/sha256", .directory(mode: 0o755)),
            ArchiveItem(Path(ImageLayout.marker), .file(Array(ImageLayout.version.utf8), mode: 0o644)),
            ArchiveItem("index.json", .file(index.content, mode: 0o644)),
        ] + dockerManifest
            + digests.map { digest in
                // The mode of the file depends on the umask.
                ArchiveItem(Self.place(of: digest), .content(of: layout.blobs.file(of: digest), mode: 0o644))
            }
    }

    private static func place(of digest: Digest) -> Path { Path("blobs/sha256/\(digest.hex)") }

    private var index: LayoutIndex {
        var index = LayoutIndex()
        var manifest = image.manifest
        switch form {
        case .layout(let tag): index.put(manifest, as: tag)
        case .docker(let name?):
            manifest.annotations["io.containerd.image.name"] = DockerName(name).full
            index.put(manifest, as: DockerName(name).tag)
        case .docker(nil): index.put(manifest, as: nil)
        }
        return index
    }

    private var dockerManifest: [ArchiveItem] {
        guard case .docker(let name) = form else { return [] }
        let manifest = JSONValue.object([
            ("Config", .string("\(Self.place(of: image.config.digest))")),
            ("RepoTags", name.map { .strings([$0]) } ?? .null),
            ("Layers", .strings(image.stack.map { "\(Self.place(of: $0.digest))" })),
        ])
        return [ArchiveItem("manifest.json", .file(Array(JSONValue.array([manifest]).text.utf8), mode: 0o644))]
    }
}
