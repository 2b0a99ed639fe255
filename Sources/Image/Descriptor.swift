package import JSON

/// Media types. Source: OCI image specification, media-types.md.
package enum MediaType {
    package static let index = "application/vnd.oci.image.index.v1+json"
    package static let manifest = "application/vnd.oci.image.manifest.v1+json"
    package static let config = "application/vnd.oci.image.config.v1+json"
    static let empty = "application/vnd.oci.empty.v1+json"
    package static let layer = "application/vnd.oci.image.layer.v1.tar"

    /// Docker's own list of manifests. Source: distribution, manifest-v2-2.md.
    static let indexes = [index, "application/vnd.docker.distribution.manifest.list.v2+json"]

    /// A layer's type in OCI's words; nil for what is no archive, or has to be fetched from elsewhere.
    static func layer(_ type: String) -> String? {
        let docker = "application/vnd.docker.image.rootfs.diff.tar"
        let forms = ["": "", "+gzip": "+gzip", ".gzip": "+gzip", "+zstd": "+zstd", ".zstd": "+zstd"]
        for prefix in [layer, docker] where type.hasPrefix(prefix) {
            return forms[String(type.dropFirst(prefix.count))].map { layer + $0 }
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
        if let artifactType { members.append(("artifactType", .string(artifactType))) }
        if !annotations.isEmpty {
            let sorted = annotations.sorted { $0.key < $1.key }
            members.append(("annotations", .object(sorted.map { ($0.key, .string($0.value)) })))
        }
        if let platform {
            members.append(
                ("platform", .object([("architecture", .string(platform.architecture)), ("os", .string(platform.os))])))
        }
        return .object(members)
    }

    /// nil for what is none.
    package init?(_ json: JSONValue) {
        guard let type = json["mediaType"]?.string, let digest = json["digest"]?.string.flatMap({ Digest($0) }),
            let size = json["size"]?.number.flatMap({ Int64(exactly: $0) }), size >= 0
        else { return nil }
        self.init(type, digest, size: size)
        artifactType = json["artifactType"]?.string
        for member in json["annotations"]?.members ?? [] { annotations[member.key] = member.value.string }
        if let os = json["platform"]?["os"]?.string, let architecture = json["platform"]?["architecture"]?.string {
            platform = Platform(os: os, architecture: architecture)
        }
    }
}

/// What an image runs on. Source: OCI image specification, image-index.md, 'platform'.
public struct Platform: Hashable, Sendable {
    /// `linux`.
    public var os: String
    /// Go's word, such as `amd64`.
    public var architecture: String

    /// A platform by these words.
    public init(os: String, architecture: String) {
        self.os = os
        self.architecture = architecture
    }
}
