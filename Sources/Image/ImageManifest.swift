import JSON
public import NixClosure
public import SystemCalls

/// Names an image's configuration and its layers. Source: OCI image specification, manifest.md.
public struct ImageManifest: Hashable, Sendable {
    /// The configuration.
    public var config: BlobDescriptor
    /// The layers, the lowest first.
    public var layers: [BlobDescriptor]
    /// By what its layers were made, in the words of whoever made them; nil for an image of others.
    public var layering: String?

    private static let layeringKey = "io.repot.layering"

    var json: JSONValue {
        let members: [(String, JSONValue)] = [
            ("schemaVersion", .number(2)), ("mediaType", .string(MediaType.manifest)), ("config", config.json),
            ("layers", .array(layers.map(\.json))),
        ]
        let annotations = layering.map { ("annotations", JSONValue.object([(Self.layeringKey, .string($0))])) }
        return .object(members + (annotations.map { [$0] } ?? []))
    }

    init(config: BlobDescriptor, layers: [BlobDescriptor], layering: String? = nil) {
        self.config = config
        self.layers = layers
        self.layering = layering
    }

    init(_ json: JSONValue, _ path: Path) throws(PathError) {
        guard let config = json["config"].flatMap({ BlobDescriptor($0) }),
            let elements = json["layers"]?.nullableElements
        else {
            throw .malformed(path, "its manifest has no config or no layers")
        }
        let layers = elements.compactMap { BlobDescriptor($0) }
        guard layers.count == elements.count else { throw .malformed(path, "a layer has no digest or no size") }
        self.init(config: config, layers: layers, layering: json["annotations"]?[Self.layeringKey]?.string)
    }
}

extension ImageManifest {
    /// How much is to be sent to whoever has the other image: each blob once, and the manifest, unless all are the
    /// same.
    func bytes(beyond other: ImageManifest, _ own: BlobDescriptor) -> Int64 {
        if self == other { return 0 }
        let there = Set(([other.config] + other.layers).map(\.digest))
        let sizes = Dictionary(([config] + layers).map { ($0.digest, $0.size) }) { first, _ in first }
        return ([own.size] + sizes.filter { !there.contains($0.key) }.values).saturatedSum
    }

    /// The store paths of each layer, as far as its image says it.
    public var storePaths: [[StorePath]] { layers.map(\.listedStorePaths) }
}

extension StoredImage {
    /// The store paths of each layer, as far as it says them.
    public var storePaths: [[StorePath]] { layers.map(\.descriptor.listedStorePaths) }

    /// A layer is packed as zstd, which not everyone can read.
    public var hasZstd: Bool { layers.contains { $0.descriptor.mediaType.hasSuffix("+zstd") } }
}

extension BlobDescriptor {
    /// The store paths that repot has listed in an annotation.
    fileprivate var listedStorePaths: [StorePath] { storePaths(LayerPlan.storePathsKey) ?? [] }

    /// The store paths in an annotation, separated by spaces; nil if the layer does not have it.
    func storePaths(_ annotation: String) -> [StorePath]? {
        annotations[annotation].map { text in
            Array(text.utf8).split(separator: UInt8(ascii: " ")).compactMap { StorePath(baseName: $0) }
        }
    }
}

extension ImageLayout {
    /// The manifest of the image with that tag; nil where there is none.
    public func manifest(_ tag: String) throws(PathError) -> ImageManifest? {
        guard let entry = try index().images.first(where: { $0.tag == tag }) else { return nil }
        let descriptor = try Self.descriptor(entry, path)
        return try ImageManifest(try Self.json(try blobs.read(descriptor), blobs.path(of: descriptor.digest)), path)
    }
}
