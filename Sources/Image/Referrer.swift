import JSON
public import SystemCalls

/// Something that is attached to an image: a manifest that names the image as its subject, so that whoever has the
/// image finds it. Source: OCI image specification 1.1, manifest.md, 'Guidelines for Artifact Usage'.
public struct Referrer: Sendable {
    /// What it is of; the descriptor in the index says so as well, so that it goes when its image does.
    static let subjectKey = "io.repot.subject"

    let subject: BlobDescriptor
    let mediaType: String
    let content: [UInt8]
    let created: String

    /// A document about an image's manifest, made at that time.
    public init(_ content: [UInt8], _ mediaType: String, about subject: BlobDescriptor, created: String) {
        self.content = content
        self.mediaType = mediaType
        self.subject = subject
        self.created = created
    }

    func manifest(_ config: BlobDescriptor, _ document: BlobDescriptor) -> JSONValue {
        let plain = BlobDescriptor(subject.mediaType, subject.digest, size: subject.size)
        return .object([
            ("schemaVersion", .number(2)), ("mediaType", .string(MediaType.manifest)),
            ("artifactType", .string(mediaType)), ("config", config.json), ("layers", .array([document.json])),
            ("subject", plain.json),
            ("annotations", .object([("org.opencontainers.image.created", .string(created))])),
        ])
    }
}

extension ImageLayout {
    /// Writes it beside its image, and names it in the index, without a tag.
    @discardableResult
    public func attach(_ referrer: Referrer) throws(PathError) -> BlobDescriptor {
        let config = try blobs.write(Array("{}".utf8), MediaType.empty)
        let document = try blobs.write(referrer.content, referrer.mediaType)
        let text = referrer.manifest(config, document).text
        var manifest = try blobs.write(Array(text.utf8), MediaType.manifest)
        manifest.artifactType = referrer.mediaType
        manifest.annotations[Referrer.subjectKey] = "\(referrer.subject.digest)"
        try publish(manifest, as: nil)
        return manifest
    }
}
