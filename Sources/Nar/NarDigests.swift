package import FileTree
public import SystemCalls

/// A tree that is to be hashed.
public struct NarTree: Sendable {
    /// Where it is: a file, a symlink or a directory.
    public var path: Path
    /// How large it is about, where that is known: the largest go first.
    public var size: UInt64
    /// Says of a path from the tree's top that it is left out, with all below it; the top itself never is.
    package var isExcluded: OrderedWalk.Exclusion?

    /// A whole tree.
    public init(_ path: Path, size: UInt64 = 0) {
        self.path = path
        self.size = size
    }

    /// A tree without what is excluded, as if that were not there.
    package init(_ path: Path, size: UInt64 = 0, excluding isExcluded: OrderedWalk.Exclusion?) {
        self.init(path, size: size)
        self.isExcluded = isExcluded
    }
}

/// Hashes many trees, several at a time. Nothing is kept of a tree but a buffer's length.
public struct NarDigests: Sendable {
    private let workers: Int
    private let reading = ReadingProgress()
    private let isCancelled: @Sendable () -> Bool

    /// - Parameters:
    ///   - workers: how many; nil for one a processor.
    ///   - isCancelled: asked now and then, on any worker: true ends the run.
    public init(workers: Int? = nil, isCancelled: @escaping @Sendable () -> Bool = { false }) {
        self.workers = workers ?? ProcessState.processors
        self.isCancelled = isCancelled
    }

    /// Entries and bytes of content that are done; may be asked from any thread meanwhile.
    public var progress: (entries: Int, bytes: Int64) { (reading.entries, reading.bytes) }

    /// A digest for each tree, or why there is none, in the order given.
    public func digests(of trees: [NarTree]) -> [Result<NarDigest, PathError>] {
        let access = AccessTimes()
        return JobList(sizes: trees.map(\.size), workers: workers).run {
            [reading, isCancelled] in
            TreeReader(access, reading, isCancelled: isCancelled)
        } _: { reader, job in
            reader.digest(of: trees[job])
        }
    }
}

extension TreeReader {
    /// The digest of a tree.
    fileprivate borrowing func digest(of tree: NarTree) -> Result<NarDigest, PathError> {
        var hasher = NarHasher()
        do throws(PathError) { try read(tree.path, excluding: tree.isExcluded, into: &hasher) } catch {
            return .failure(error)
        }
        return .success(hasher.finish())
    }
}
