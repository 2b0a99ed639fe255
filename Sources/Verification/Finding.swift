public import Nar
public import NixClosure
public import SystemCalls

/// Something about a store, or a root file system, that is not as it should be.
public struct Finding: Hashable, Sendable {
    /// The store path, or another entry of the store's directory.
    public let entry: Path
    /// Which files in it, by their paths from there, in byte order; none where it is about the entry as a whole.
    public let files: [Path]
    /// What is wrong.
    public let problem: Problem

    init(_ entry: Path, _ problem: Problem, files: [Path] = []) {
        self.entry = entry
        self.problem = problem
        self.files = files
    }

    init(_ storePath: StorePath, _ problem: Problem, files: [Path] = []) {
        self.init(storePath.baseName, problem, files: files)
    }

    init(_ row: DatabaseListing.MalformedRow, in store: Store) {
        let name = row.path.bytes.dropFirst(store.directory.bytes.count + 1)
        self.init(Path(name), .malformedRow(text: row.text))
    }
}

extension Finding {
    /// What may be wrong.
    public enum Problem: Hashable, Sendable {
        /// A store path is expected and not there.
        case missing
        /// An entry that is not expected; `isListed` if the root file system's own Nix database lists it.
        case unknown(isListed: Bool)
        /// What a run that was killed left, or what a run that is at work has.
        case leftover
        /// It cannot be read.
        case unreadable(PathError)
        /// Its content is not what it should be.
        case content(found: NarDigest, expected: NarHash)
        /// Its size as an archive is not what it should be.
        case size(found: UInt64, expected: UInt64)
        /// A mode other than Nix gives: 0444 or 0555.
        case mode(found: UInt32, expected: UInt32)
        /// A modification time other than this many seconds.
        case time(expected: Int64)
        /// Another owner than the rest, or than was asked for.
        case owner(found: Ownership, expected: Ownership)
        /// An extended attribute, a capability or an ACL that Nix removes from store paths.
        case attribute(name: Path)
        /// A symlink leads into the store, and there to nothing.
        case leadsToNothing(target: Path)
        /// A file names a store path that is absent.
        case namesAbsent(StorePath)
        /// A file names a store path that is absent, in a closure whose references are declared: the name is not a
        /// reference.
        case mentionsAbsent(StorePath)
        /// The source says that it refers to this store path, which does not belong to the closure.
        case refersToAbsent(StorePath)
        /// A row of the root file system's own Nix database has this text instead of a store path.
        case malformedRow(text: Path)
        /// So many store paths are there, and the source told of others.
        case count(found: Int, told: Int)
    }

    /// A word for machines; it does not change.
    public var kind: String {
        switch problem {
        case .missing: "missing"
        case .unknown: "unknown"
        case .leftover: "leftover"
        case .unreadable: "unreadable"
        case .content: "content"
        case .size: "size"
        case .mode: "mode"
        case .time: "time"
        case .owner: "owner"
        case .attribute: "attribute"
        case .leadsToNothing: "leads-to-nothing"
        case .namesAbsent: "names-absent"
        case .mentionsAbsent: "mentions-absent"
        case .refersToAbsent: "refers-to-absent"
        case .malformedRow: "malformed-row"
        case .count: "count"
        }
    }

    /// Whether a new copy from the store would set it right.
    public var isDamage: Bool {
        switch problem {
        case .missing, .unreadable, .content, .size, .mode, .time, .owner, .attribute: true
        case .unknown, .leftover, .leadsToNothing, .namesAbsent, .mentionsAbsent, .refersToAbsent, .malformedRow,
            .count:
            false
        }
    }

    /// Whether the finding needs no action: a note does not make a store incomplete.
    public var isNote: Bool { if case .mentionsAbsent = problem { true } else { false } }
}
