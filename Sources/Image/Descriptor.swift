package import JSON
package import Tar

/// Media types. Source: OCI image specification, media-types.md.
package enum MediaType {
    package static let index = "application/vnd.oci.image.index.v1+json"
    package static let manifest = "application/vnd.oci.image.manifest.v1+json"
    package static let config = "application/vnd.oci.image.config.v1+json"
    static let empty = "application/vnd.oci.empty.v1+json"
    package static let layer = "application/vnd.oci.image.layer.v1.tar"

    /// The media types of OCI and Docker. Source: distribution, manifest-v2-2.md.
    package static let manifests = [manifest, "application/vnd.docker.distribution.manifest.v2+json"]
    package static let configs = [config, "application/vnd.docker.container.image.v1+json"]
    package static let indexes = [index, "application/vnd.docker.distribution.manifest.list.v2+json"]

    /// The media types of layers that Docker and OCI define, without the suffix for the compression, and OCI's type for
    /// each.
    /// Sources: OCI image specification, media-types.md; distribution, manifest-v2-2.md.
    private static let layers: [String: String] = [
        layer: layer, "application/vnd.docker.image.rootfs.diff.tar": layer, undistributable: undistributable,
        "application/vnd.docker.image.rootfs.foreign.diff.tar": undistributable,
    ]
    /// The type of a layer that must not be pushed to other registries.
    private static let undistributable = "application/vnd.oci.image.layer.nondistributable.v1.tar"

    /// Returns OCI's media type for the media type of a layer, and the compression. Returns nil if the type is not that
    /// of a layer.
    package static func layer(_ type: String) -> (type: String, packing: Packing)? {
        for (prefix, known) in layers where type.hasPrefix(prefix) {
            switch type.dropFirst(prefix.count) {
            case "": return (known, .none)
            case "+gzip", ".gzip": return (known + "+gzip", .gzip)
            case "+zstd", ".zstd": return (known + "+zstd", .zstd)
            default: continue
            }
        }
        return nil
    }
}

/// Points at a blob. Source: OCI image specification, descriptor.md.
public struct BlobDescriptor: Hashable, Sendable {
    /// What the blob is.
    public var mediaType: String
    /// Its digest.
    public var digest: Digest
    /// Its size in bytes.
    public var size: Int64
    /// The URLs from which the blob can be fetched. Layers that must not be pushed to other registries have them.
    public var urls: [String] = []
    /// What else is said of it.
    public var annotations: [String: String] = [:]
    /// What a manifest in an index is, where that is no image.
    public var artifactType: String?
    /// Of manifests in an index.
    public var platform: Platform?

    init(_ mediaType: String, _ digest: Digest, size: Int64) {
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
    }

    package var json: JSONValue {
        var members: [(String, JSONValue)] = [
            ("mediaType", .string(mediaType)), ("digest", .string(digest.description)), ("size", .number(Double(size))),
        ]
        if !urls.isEmpty { members.append(("urls", .strings(urls))) }
        if let artifactType { members.append(("artifactType", .string(artifactType))) }
        if !annotations.isEmpty {
            let sorted = annotations.sorted { $0.key < $1.key }
            members.append(("annotations", .object(sorted.map { ($0.key, .string($0.value)) })))
        }
        if let platform {
            members.append(("platform", platform.json))
        }
        return .object(members)
    }

    /// nil for what is none.
    package init?(_ json: JSONValue) {
        guard let type = json["mediaType"]?.string, let digest = json["digest"]?.string.flatMap({ Digest($0) }),
            let size = json["size"]?.number.flatMap({ Int64(exactly: $0) }), size >= 0
        else { return nil }
        self.init(type, digest, size: size)
        urls = (json["urls"]?.elements ?? []).compactMap(\.string)
        artifactType = json["artifactType"]?.string
        for member in json["annotations"]?.members ?? [] { annotations[member.key] = member.value.string }
        platform = json["platform"].flatMap { Platform($0) }
    }
}
