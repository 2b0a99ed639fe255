public import Image
public import Nar
public import NixClosure
public import SystemCalls

/// Something about an image that is not as it should be.
public struct ImageFinding: Hashable, Sendable {
    /// What it is about: a blob by its digest, a file of the archive or the layout by its name, or a path in the image.
    public let subject: String
    /// What is wrong.
    public let problem: Problem

    init(_ subject: String, _ problem: Problem) {
        self.subject = subject
        self.problem = problem
    }
}

extension ImageFinding {
    /// What may be wrong.
    public enum Problem: Hashable, Sendable {
        /// No regular file has its name.
        case missing
        /// The layout or archive has documents of other types only.
        case noImage
        /// It cannot be read; the text says why.
        case unreadable(String)
        /// Its bytes have another digest than the one by which it is known.
        case digest(found: Digest)
        /// It has another size than its manifest or index says.
        case size(found: Int64, told: Int64)
        /// A layer's archive has another digest than the configuration says.
        case diffID(found: Digest, told: Digest)
        /// A document is not what its type says; the text says why.
        case malformed(String)
        /// A configuration names so many layers, and its manifest has others.
        case count(layers: Int, diffIDs: Int)
        /// It has a type that nobody knows here, or one that its bytes contradict.
        case mediaType(String)
        /// The index says that it runs on this, and its configuration says something else.
        case platform(told: String, found: String)
        /// Two layers have the path, or one layer twice.
        case twice(lower: String, upper: String)
        /// A layer hides what is below it.
        case hides(layer: String)
        /// Programs unpack an entry of a layer in different ways; the text says why.
        case ambiguous(String, layer: String)
        /// A store path that belongs to the closure is in no layer.
        case absent
        /// A store path that nobody expects.
        case unknown
        /// The content of a store path is not what it should be.
        case content(found: NarHash, expected: NarHash)
        /// So many entries of a store path have other modes than a Nix store gives, the first this one.
        case mode(count: Int, first: Path, found: UInt32)
        /// So many entries of a store path have extended attributes, capabilities or ACLs, the first this one.
        case attribute(count: Int, first: Path, name: Path)
        /// So many entries of a store path are devices or FIFOs, the first this one.
        case special(count: Int, first: Path)
        /// So many entries of a store path belong to others than most of the store do.
        case owner(count: Int, first: Path, found: Ownership, usual: Ownership)
        /// So many entries of a store path have another modification time than most of the store have, in seconds since
        /// 1970.
        case time(count: Int, first: Path, found: Int64, usual: Int64)
        /// A store path refers to another, which is in no layer.
        case refersToAbsent(StorePath)
        /// A note: the image of a platform is not in the layout, which has another one of the same index.
        case elsewhere(Platform?)
        /// A note: the digest in an index is not a SHA-256.
        case otherAlgorithm
        /// A note: a layer has a media type that is none of a tar archive.
        case otherType(String)
    }

    /// A word for machines; it does not change.
    public var kind: String {
        switch problem {
        case .missing: "missing"
        case .noImage: "no-image"
        case .unreadable: "unreadable"
        case .digest: "digest"
        case .size: "size"
        case .diffID: "diff-id"
        case .malformed: "malformed"
        case .count: "count"
        case .mediaType: "media-type"
        case .platform: "platform"
        case .twice: "twice"
        case .hides: "hides"
        case .ambiguous: "ambiguous"
        case .absent: "absent"
        case .unknown: "unknown"
        case .content: "content"
        case .mode: "mode"
        case .attribute: "attribute"
        case .special: "special"
        case .owner: "owner"
        case .time: "time"
        case .refersToAbsent: "refers-to-absent"
        case .elsewhere: "elsewhere"
        case .otherAlgorithm: "other-algorithm"
        case .otherType: "other-type"
        }
    }

    /// A whole sentence, with the remedy.
    public var text: String { "'\(subject)' \(what): \(remedy)" }

    private var what: String {
        switch problem {
        case .missing: "is named by the image, and no regular file has that name"
        case .noImage: "has no image, but documents of other types only"
        case .unreadable(let why): "cannot be verified: \(why)"
        case .digest(let found): "is altered: its digest is \(found)"
        case .size(let found, let told): "has \(found) bytes instead of the \(told) that the image says"
        case .diffID(let found, let told):
            "unpacks to an archive with the digest \(found) instead of \(told), which the configuration says"
        case .malformed(let why): "is not what it should be: \(why)"
        case .count(let layers, let diffIDs): "names \(diffIDs) layers, and its manifest has \(layers)"
        case .mediaType(let why): "has the wrong type: \(why)"
        case .platform(let told, let found): "is for \(found), and the index says \(told)"
        case .twice(let lower, let upper):
            lower == upper ? "is twice in the layer \(lower)" : "is in two layers, \(lower) and \(upper)"
        case .hides(let layer): "hides what is below the layer \(layer)"
        case .ambiguous(let text, let layer): "\(text) (layer \(layer))"
        case .absent: "belongs to the closure, and no layer has it"
        case .unknown: "belongs to nothing that is expected"
        case .content(let found, let expected): "is altered: its hash is \(found) instead of \(expected)"
        case .mode(let count, let first, let found):
            "has \(Self.others(count)) modes than a store's, as \(first.quoted) with \(String(found, radix: 8))"
        case .attribute(let count, let first, let name):
            "has \(count == 1 ? "an entry" : "\(count) entries") with extended attributes, which a store path never "
                + "has, such as \(first.quoted) with \(name.quoted)"
        case .special(let count, let first):
            "has \(count == 1 ? "a device or FIFO" : "\(count) devices or FIFOs"), as \(first.quoted)"
        case .owner(let count, let first, let found, let usual):
            "has \(Self.others(count)) owners than \(usual.user):\(usual.group), as \(first.quoted) of "
                + "\(found.user):\(found.group)"
        case .time(let count, let first, let found, let usual):
            "has \(Self.others(count)) times than \(usual), as \(first.quoted) with \(found)"
        case .refersToAbsent(let path): "refers to '\(path)', which no layer has"
        case .elsewhere(let platform):
            "\(platform.map { "for \($0.os)/\($0.architecture) " } ?? "")is not in the layout"
        case .otherAlgorithm: "is not verified, since it is not a SHA-256"
        case .otherType(let type): "is not read: a layer of type \(Path(Array(type.utf8)).quoted) is no tar archive"
        }
    }

    private static func others(_ count: Int) -> String {
        count == 1 ? "an entry with other" : "\(count) entries with other"
    }

    /// What can be done.
    public var remedy: String {
        switch problem {
        case .elsewhere: "pull the image with all platforms to verify it"
        case .otherAlgorithm, .otherType: "verify it with the tool that wrote it"
        case .noImage: "name an image, or verify the documents with the tool that wrote them"
        case .unknown: "pass the closure that it belongs to with --closure FILE"
        default: "rebuild the image with --no-cache, or pull it again"
        }
    }
}

/// A store path of which it was not found out whether it is what it should be.
public struct UncheckedPath: Hashable, Sendable {
    /// The store path.
    public let path: StorePath
    /// Why.
    public let reason: String
}
