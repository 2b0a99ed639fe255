import FileTree
import SystemCalls

/// What there is to know of a file that may get further names.
struct LinkCandidate {
    /// Where the content of a regular file is.
    enum Content {
        /// In the worker's bytes.
        case bytes(Range<Int>)
        case file(SourceFile)
    }

    let tree: TreeRoot
    /// From the tree's root.
    let path: [UInt8]
    let metadata: Metadata
    /// Equal files have equal ones.
    let hash: Int
    /// nil for what is no regular file.
    let content: Content?
}

/// A number that equal files share: of what their headers say, and of both ends of their content.
struct LinkHash {
    /// Libraries differ in their first page, which has the build's number; archives in their last one.
    static let sampleBytes = 4096
    let value: Int

    init(_ member: Member, head: UnsafeRawBufferPointer, tail: UnsafeRawBufferPointer) {
        var hasher = Hasher()
        hasher.combine(member.size)
        hasher.combine(member.mode)
        hasher.combine(member.owner)
        hasher.combine(member.modified)
        hasher.combine(member.attributes)
        hasher.combine(bytes: head)
        hasher.combine(bytes: tail)
        value = hasher.finalize()
    }

    init(_ member: Member, content: UnsafeRawBufferPointer) {
        self.init(
            member, head: UnsafeRawBufferPointer(rebasing: content.prefix(Self.sampleBytes)),
            tail: UnsafeRawBufferPointer(rebasing: content.suffix(Self.sampleBytes)))
    }
}

/// The files that are in an archive so far, to which later files may be links. Its methods are called in the order of
/// the archive, so that the results do not depend on the number of workers.
struct LinkTable {
    /// 32 bytes, of which there may be a million.
    private struct Record {
        let hash: UInt32
        let folder: UInt32
        let inode: UInt64
        /// In nanoseconds, on disk, when it was archived: later files are compared with what it was then.
        let modified: Int64
        let name: NamePieces.Position
    }

    /// A folder, the tree that it is in, and the device of its files.
    private struct Folder {
        let tree: Int
        let device: UInt64
        let path: [UInt8]
    }

    private let kind: ArchiveHardLinks
    private let comparison: FileComparison
    private let maxNames: Int
    private var index = HashIndex()
    private var records = Pieces<Record>(size: 1024)
    /// The number of links to each record, if it is not 0.
    private var links: [UInt32: UInt32] = [:]
    private var names = NamePieces()
    private var folders: [Folder] = []
    private var trees: [TreeRoot] = []

    init(_ kind: ArchiveHardLinks, maxNames: Int, _ comparison: FileComparison) {
        self.kind = kind
        self.maxNames = maxNames
        self.comparison = comparison
    }

    /// Returns the name of an equal earlier file. Returns nil, and records the file, if there is no such
    /// file, or if the earlier one already has the maximum number of names: later files are then links to the new one.
    ///
    /// - Parameter bytes: The bytes of the worker that has the file.
    mutating func firstName(
        of member: Member, _ file: LinkCandidate, _ bytes: UnsafeRawBufferPointer
    ) throws(ArchiveError) -> [UInt8]? {
        guard mayMeetAgain(file) else { return nil }
        let hash = UInt32(truncatingIfNeeded: kind == .preserve ? file.metadata.identity.hashValue : file.hash)
        var failure: ArchiveError?
        let number = index.find(Int(hash)) { number in
            guard failure == nil else { return false }
            do throws(ArchiveError) { return try isSame(records[number], hash, member, file, bytes) } catch {
                failure = error
                return false
            }
        }
        if let failure { throw failure }
        guard let number else {
            let new = records.append(record(of: file, hash))
            index.add(new, Int(hash)) { Int(records[$0].hash) }
            return nil
        }
        let count = links[UInt32(number), default: 0] + 1
        if count >= maxNames {
            records[number] = record(of: file, hash)
            links[UInt32(number)] = nil
            return nil
        }
        links[UInt32(number)] = count
        let (tree, path) = place(of: records[number])
        return tree.archivePath(path)
    }

    private func mayMeetAgain(_ file: LinkCandidate) -> Bool {
        switch kind {
        case .break: false
        case .preserve: file.metadata.links > 1
        case .canonical: file.metadata.kind == .regular && file.metadata.size > 0
        }
    }

    private func isSame(
        _ record: Record, _ hash: UInt32, _ member: Member, _ file: LinkCandidate, _ bytes: UnsafeRawBufferPointer
    ) throws(ArchiveError) -> Bool {
        let identity = file.metadata.identity
        if record.inode == identity.inode, folders[Int(record.folder)].device == identity.device { return true }
        guard kind == .canonical, record.hash == hash, let content = file.content else { return false }
        let (tree, path) = place(of: record)
        guard let earlier = try comparison.open(tree.diskPath(path), unlessModifiedSince: record.modified, member),
            earlier.member.describesSame(as: member)
        else { return false }
        switch content {
        case .bytes(let range):
            return try comparison.hasContent(earlier, UnsafeRawBufferPointer(rebasing: bytes[range]))
        case .file(let file): return try comparison.haveEqualContent(earlier, file)
        }
    }

    private mutating func record(of file: LinkCandidate, _ hash: UInt32) -> Record {
        let (folder, name) = file.path.splitAtLastSlash
        enter(folder, of: file)
        return Record(
            hash: hash, folder: UInt32(folders.count - 1), inode: file.metadata.identity.inode,
            modified: file.metadata.modified.sinceEpoch, name: names.append(Array(name)))
    }

    /// Makes it the last folder.
    private mutating func enter(_ folder: ArraySlice<UInt8>, of file: LinkCandidate) {
        if trees.last?.archive != file.tree.archive { trees.append(file.tree) }
        let (tree, device) = (trees.count - 1, file.metadata.identity.device)
        if let last = folders.last, last.tree == tree, last.device == device, last.path.elementsEqual(folder) { return }
        folders.append(Folder(tree: tree, device: device, path: Array(folder)))
    }

    private func place(of record: Record) -> (TreeRoot, [UInt8]) {
        let folder = folders[Int(record.folder)]
        let name = Array(names[record.name])
        return (trees[folder.tree], folder.path.isEmpty ? name : folder.path + [Path.slash] + name)
    }
}

extension Timestamp {
    /// In nanoseconds, to be compared with others; centuries from now it wraps.
    var sinceEpoch: Int64 { seconds &* 1_000_000_000 &+ Int64(nanoseconds) }
}

extension Array where Element == UInt8 {
    fileprivate var splitAtLastSlash: (ArraySlice<UInt8>, ArraySlice<UInt8>) {
        guard let slash = lastIndex(of: Path.slash) else { return ([], self[...]) }
        return (self[..<slash], self[(slash + 1)...])
    }
}
