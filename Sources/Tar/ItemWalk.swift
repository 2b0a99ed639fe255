import FileTree
import SystemCalls

/// A member before it is looked at.
enum Entry: Sendable {
    /// One of the archive's own.
    case own(ArchiveItem)
    /// One on disk, and the tree that it belongs to.
    case disk(WalkEntry, TreeRoot)
}

/// A tree on disk and its name in the archive.
struct TreeRoot: Sendable {
    let disk: Path
    let archive: [UInt8]
    let isExcluded: OrderedWalk.Exclusion?

    func diskPath(_ path: [UInt8]) -> Path { path.isEmpty ? disk : disk.appending(Path(path)) }

    func archivePath(_ path: [UInt8]) -> [UInt8] {
        if archive == Self.top { return path.isEmpty ? archive : path }
        return path.isEmpty ? archive : archive + [Path.slash] + path
    }

    /// What becomes the root itself is named in the archive, and nothing begins with that name.
    private static let top = Array(".".utf8)
}

/// Some members that follow one another, and where they come among all.
struct Batch: Sendable {
    let number: Int
    let entries: [Entry]
}

/// Goes through all that an archive is to hold, in the order in which it will stand there.
struct ItemWalk: ~Copyable {
    /// What one worker takes at a time.
    private static let batchCount = max(1, min(64, (ProcessState.descriptorLimit - 24) / 4))

    private var items: ArraySlice<ArchiveItem>
    private let access: AccessTimes
    private var tree: TreeRoot?
    private var walk: OrderedWalk?
    /// How many have been handed out.
    private(set) var batches = 0

    init(_ items: [ArchiveItem], _ access: AccessTimes) {
        self.items = items[...]
        self.access = access
    }

    /// nil when everything has been handed out.
    mutating func next() throws(ArchiveError) -> Batch? {
        var entries: [Entry] = []
        while entries.count < Self.batchCount, let entry = try nextEntry() { entries.append(entry) }
        if entries.isEmpty { return nil }
        batches += 1
        return Batch(number: batches - 1, entries: entries)
    }

    private mutating func nextEntry() throws(ArchiveError) -> Entry? {
        while true {
            if let tree {
                if let entry = try nextOnDisk(in: tree) { return .disk(entry, tree) }
                self.tree = nil
                walk = nil
            }
            guard let item = items.popFirst() else { return nil }
            guard case .tree(let path) = item.content else { return .own(item) }
            let exclusion: OrderedWalk.Exclusion = { [excluded = item.excluded] in excluded.contains(Path($0)) }
            let isExcluded = item.excluded.isEmpty ? nil : exclusion
            tree = TreeRoot(disk: path, archive: item.path.bytes, isExcluded: isExcluded)
            walk = OrderedWalk(Name(path), in: .current, access, excluding: isExcluded)
        }
    }

    private mutating func nextOnDisk(in tree: TreeRoot) throws(ArchiveError) -> WalkEntry? {
        do throws(WalkFailure) { return try walk?.next() } catch { throw ArchiveError(error, in: tree) }
    }
}

extension ArchiveError {
    init(_ failure: WalkFailure, in tree: TreeRoot) {
        let operation: Operation =
            switch failure.step {
            case .open: .open
            case .inspect: .inspect
            case .list: .list
            }
        self.init(operation, failure.errno, tree.diskPath(failure.path))
    }
}
