package import FileTree
import Synchronization
package import SystemCalls

/// What a tree reader meets on its way, for whoever makes something of it.
package protocol TreeConsumer: ~Copyable {
    /// A file; its content follows in parts, none where it is empty, and then its end.
    mutating func file(_ entry: WalkEntry, _ metadata: Metadata) throws(PathError)
    /// A part of the content of the last file, while it is in the processor's cache.
    mutating func content(_ bytes: UnsafeRawBufferPointer)
    /// The end of the last file.
    mutating func endOfFile()
    /// A symlink.
    mutating func symlink(_ entry: WalkEntry, to target: Name) throws(PathError)
    /// A directory; what is in it follows.
    mutating func directory(_ entry: WalkEntry) throws(PathError)
    /// The end of the innermost directory.
    mutating func leave()
}

/// How far some readers have come, for a display.
package final class ReadingProgress: Sendable {
    private let entryCount = Atomic<Int>(0)
    private let byteCount = Atomic<Int64>(0)

    package init() {}

    package var entries: Int { entryCount.load(ordering: .relaxed) }
    package var bytes: Int64 { byteCount.load(ordering: .relaxed) }

    func add(bytes: Int64) { byteCount.add(bytes, ordering: .relaxed) }
    func addEntry() { entryCount.add(1, ordering: .relaxed) }
}

/// Reads whole trees in byte order, one after the other, with a buffer that it keeps.
package struct TreeReader: ~Copyable {
    /// What fits into the second-level cache beside what is made of it: the bytes are looked at right after they were
    /// read.
    private static let bufferSize = 256 * 1024

    private let buffer: UnsafeMutableRawBufferPointer
    private let access: AccessTimes
    private let progress: ReadingProgress
    private let isCancelled: @Sendable () -> Bool

    package init(
        _ access: AccessTimes, _ progress: ReadingProgress = ReadingProgress(),
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) {
        buffer = .allocate(byteCount: Self.bufferSize, alignment: 4096)
        self.access = access
        self.progress = progress
        self.isCancelled = isCancelled
    }

    deinit { buffer.deallocate() }

    /// Tells the consumer of all that is in the tree, or throws at the first thing that cannot be read.
    package func read<Consumer: TreeConsumer & ~Copyable>(
        _ tree: Path, excluding isExcluded: OrderedWalk.Exclusion? = nil, into consumer: inout Consumer
    ) throws(PathError) {
        var walk = OrderedWalk(Name(tree), in: .current, access, excluding: isExcluded)
        var openDirectories = 0
        while let entry = try next(&walk, tree) {
            if isCancelled() { throw .cancelled(tree) }
            for _ in entry.depth..<max(entry.depth, openDirectories) { consumer.leave() }
            openDirectories = entry.depth + (entry.kind == .directory ? 1 : 0)
            try take(entry, of: tree, into: &consumer)
            progress.addEntry()
        }
        for _ in 0..<openDirectories { consumer.leave() }
    }

    private func next(_ walk: inout OrderedWalk, _ tree: Path) throws(PathError) -> WalkEntry? {
        do throws(WalkFailure) { return try walk.next() } catch {
            let doing =
                switch error.step {
                case .open: "cannot open"
                case .inspect: "cannot stat"
                case .list: "cannot read directory"
                }
            throw .failed(doing, tree.below(error.path), error.errno)
        }
    }

    private func take<Consumer: TreeConsumer & ~Copyable>(
        _ entry: WalkEntry, of tree: Path, into consumer: inout Consumer
    ) throws(PathError) {
        switch entry.kind {
        case .directory: try consumer.directory(entry)
        case .regular: try readFile(entry, of: tree, into: &consumer)
        case .symlink:
            let target: Name
            do throws(Errno) { target = try entry.parent.readLink(entry.name) } catch {
                throw .failed("cannot read symbolic link", tree.below(entry.path), error)
            }
            try consumer.symlink(entry, to: target)
        default: throw .special(tree.below(entry.path), entry.kind)
        }
    }

    /// Four system calls for a file that is smaller than the buffer: what one read leaves of the buffer shows its end.
    private func readFile<Consumer: TreeConsumer & ~Copyable>(
        _ entry: WalkEntry, of tree: Path, into consumer: inout Consumer
    ) throws(PathError) {
        let file = try open(entry, of: tree)
        let metadata: Metadata
        do throws(Errno) { metadata = try file.metadata() } catch {
            throw .failed("cannot stat", tree.below(entry.path), error)
        }
        guard metadata.kind == .regular else { throw .changed(tree.below(entry.path)) }
        try consumer.file(entry, metadata)
        var rest = metadata.size
        while true {
            let count: Int
            do throws(Errno) { count = try file.read(into: buffer) } catch {
                throw .failed("cannot read", tree.below(entry.path), error)
            }
            // A file without its end, or with more after it.
            guard count > 0 || rest == 0, Int64(count) <= rest else { throw .changed(tree.below(entry.path)) }
            rest -= Int64(count)
            if count > 0 { consumer.content(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
            progress.add(bytes: Int64(count))
            if rest == 0, count < buffer.count { break }
            if isCancelled() { throw .cancelled(tree) }
        }
        consumer.endOfFile()
        do throws(Errno) { try file.close() } catch { throw .failed("cannot read", tree.below(entry.path), error) }
    }
}

extension TreeReader {
    private func open(_ entry: WalkEntry, of tree: Path) throws(PathError) -> Descriptor {
        do throws(Errno) {
            return try access.open(.noFollow) { options throws(Errno) in
                try entry.parent.openFile(entry.name, options)
            }
        } catch { throw .failed("cannot open", tree.below(entry.path), error) }
    }
}

extension Path {
    /// Something inside, by its path from here; empty for the path itself.
    package func below(_ path: [UInt8]) -> Path { path.isEmpty ? self : appending(Path(path)) }
}
