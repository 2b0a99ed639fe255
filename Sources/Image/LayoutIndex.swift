import JSON
import SystemCalls

/// What `index.json` says. Entries and members of others stay as they wrote them, known here or not.
/// Source: OCI image specification, image-index.md.
struct LayoutIndex {
    private var members: [JSONValue.Member]
    private(set) var entries: [JSONValue] = []

    /// One without an image.
    init() {
        members = [
            JSONValue.Member(key: "schemaVersion", value: .number(2)),
            JSONValue.Member(key: "mediaType", value: .string(MediaType.index)),
        ]
    }

    init(_ content: [UInt8], _ file: Path) throws(PathError) {
        let index = try ImageLayout.json(content, file)
        guard let members = index.members, let entries = index[Self.key]?.nullableElements else {
            throw .malformed(file, "it has no key 'manifests'")
        }
        self.members = members.filter { $0.key != Self.key }
        self.entries = entries
    }

    private static let key = "manifests"

    /// The entries of images. An entry that belongs to an image, such as a software bill of materials, is not one.
    var images: [JSONValue] { entries.filter(\.isImage) }

    /// The entries that this program can follow.
    var descriptors: [BlobDescriptor] { entries.compactMap { BlobDescriptor($0) } }

    /// Adds an entry, which replaces the one with the same tag. An entry that belongs to an image has no tag, is removed
    /// with the image, and comes after all images, since some readers without a tag take the first entry.
    mutating func put(_ manifest: BlobDescriptor, as tag: String?) {
        var tagged = manifest
        tagged.annotations[ImageLayout.tagKey] = tag
        let digest = "\(manifest.digest)"
        let ownTag = tag.map { TextBytes($0) }
        entries.removeAll { $0.tag.map { TextBytes($0) } == ownTag && (ownTag != nil || $0.digest == digest) }
        entries.append(tagged.json)
        let digests = Set(entries.compactMap(\.digest))
        entries.removeAll { $0.subject.map { !digests.contains($0) } ?? false }
        entries.sort { $0.order < $1.order }
    }

    var content: [UInt8] {
        let all = members + [JSONValue.Member(key: Self.key, value: .array(entries))]
        return Array(JSONValue.members(all).text.utf8)
    }
}

extension JSONValue {
    /// An entry's tag.
    var tag: String? { self["annotations"]?[ImageLayout.tagKey]?.string }

    fileprivate var isImage: Bool { present("artifactType") == nil && subject == nil }

    fileprivate var order: (Int, TextBytes, TextBytes) {
        (isImage ? 0 : 1, TextBytes(tag ?? ""), TextBytes(digest ?? ""))
    }

    fileprivate var digest: String? { self["digest"]?.string }

    fileprivate var subject: String? { self["annotations"]?[Referrer.subjectKey]?.string }
}
