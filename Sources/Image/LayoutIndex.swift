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

    /// Those that are no images but something about one are left out.
    var images: [JSONValue] { entries.filter { $0.present("artifactType") == nil && $0.subject == nil } }

    /// The entries that this program can follow.
    var descriptors: [BlobDescriptor] { entries.compactMap { BlobDescriptor($0) } }

    /// Gives an image its tag; what is attached to an image has none, and goes with it.
    mutating func put(_ manifest: BlobDescriptor, as tag: String?) {
        var tagged = manifest
        tagged.annotations[ImageLayout.tagKey] = tag
        let digest = "\(manifest.digest)"
        entries.removeAll { $0.tag == tag && (tag != nil || $0.digest == digest) }
        entries.append(tagged.json)
        let digests = Set(entries.compactMap(\.digest))
        entries.removeAll { $0.subject.map { !digests.contains($0) } ?? false }
        entries.sort { ($0.tag ?? "", $0.digest ?? "") < ($1.tag ?? "", $1.digest ?? "") }
    }

    var content: [UInt8] {
        let all = members + [JSONValue.Member(key: Self.key, value: .array(entries))]
        return Array(JSONValue.members(all).text.utf8)
    }
}

extension JSONValue {
    /// An entry's tag.
    var tag: String? { self["annotations"]?[ImageLayout.tagKey]?.string }

    fileprivate var digest: String? { self["digest"]?.string }

    fileprivate var subject: String? { self["annotations"]?[Referrer.subjectKey]?.string }
}
