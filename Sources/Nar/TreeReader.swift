package import FileTree
import Synchronization
package import SystemCalls

/// A type that receives the entries of a tree from a tree reader.
package protocol TreeConsumer: ~Copyable {
    /// An open file, before its metadata is read.
    mutating func opened(_ file: borrowing Descriptor, _ entry: WalkEntry) throws(PathError)
    /// A file with that many bytes, which is not always the size in its metadata; its content follows in parts, none where
    /// it is empty, and then its end.
    mutating func file(_ entry: WalkEntry, _ metadata: Metadata, size: Int64) throws(PathError)
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

extension TreeConsumer where Self: ~Copyable {
    package mutating func opened(_ file: borrowing Descriptor, _ entry: WalkEntry) {}
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
        try read(&walk, of: tree, correcting: nil, excluding: isExcluded, into: &consumer)
    }

    /// Reads the entries of a walk: one through the tree, or one through an entry that has another type than the listed one.
    private func read<Consumer: TreeConsumer & ~Copyable>(
        _ walk: inout OrderedWalk, of tree: Path, correcting corrected: WalkEntry?,
        excluding isExcluded: OrderedWalk.Exclusion?, into consumer: inout Consumer
    ) throws(PathError) {
        let top = corrected?.depth ?? 0
        var openDirectories = top
        while let entry = try next(&walk, tree) {
            if isCancelled() { throw .cancelled(tree) }
            for _ in entry.depth..<max(entry.depth, openDirectories) { consumer.leave() }
            openDirectories = entry.depth + (entry.kind == .directory ? 1 : 0)
            if try read(entry, of: tree, into: &consumer) {
                progress.addEntry()
            } else {
                // Another type again, in spite of the correction, is a change.
                if entry.path == corrected?.path { throw .changed(tree.below(entry.path)) }
                var walk = OrderedWalk(correcting: entry, access, excluding: isExcluded)
                try read(&walk, of: tree, correcting: entry, excluding: isExcluded, into: &consumer)
            }
        }
        for _ in top..<openDirectories { consumer.leave() }
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

    /// Returns false if the entry has another type than the listed one.
    private func read<Consumer: TreeConsumer & ~Copyable>(
        _ entry: WalkEntry, of tree: Path, into consumer: inout Consumer
    ) throws(PathError) -> Bool {
        switch entry.kind {
        case .directory: try consumer.directory(entry)
        case .regular: return try readFile(entry, of: tree, into: &consumer)
        case .symlink:
            let target: Name
            do throws(Errno) { target = try entry.parent.readLink(entry.name) } catch {
                if entry.hasOtherType { return false }
                throw .failed("cannot read symbolic link", tree.below(entry.path), error)
            }
            try consumer.symlink(entry, to: target)
        default:
            if entry.hasOtherType { return false }
            throw .special(tree.below(entry.path), entry.kind)
        }
        return true
    }

    /// Four system calls for a file that is smaller than the buffer: the rest of the buffer after one read shows its end.
    /// Returns false if the entry is not a regular file.
    private func readFile<Consumer: TreeConsumer & ~Copyable>(
        _ entry: WalkEntry, of tree: Path, into consumer: inout Consumer
    ) throws(PathError) -> Bool {
        let path = { tree.below(entry.path) }
        guard let file = try openRegular(entry, path) else { return false }
        try consumer.opened(file, entry)
        let metadata: Metadata
        do throws(Errno) { metadata = try file.metadata() } catch { throw .failed("cannot stat", path(), error) }
        guard metadata.kind == .regular else { return false }
        let count = try read(file, path)
        if metadata.size == count, count < buffer.count {
            try consumer.file(entry, metadata, size: metadata.size)
            if count > 0 { give(count, to: &consumer) }
        } else if metadata.size >= buffer.count, try isSize(metadata.size, of: file, path) {
            try consumer.file(entry, metadata, size: metadata.size)
            try readLarge(file, metadata.size, begun: count, path, into: &consumer)
        } else {
            try refuseChanged(file, metadata, path)
            try readUnsized(file, entry, metadata, begun: count, path, into: &consumer)
        }
        consumer.endOfFile()
        do throws(Errno) { try file.close() } catch { throw .failed("cannot read", path(), error) }
        return true
    }

    private func openRegular(_ entry: WalkEntry, _ path: () -> Path) throws(PathError) -> Descriptor? {
        do throws(Errno) {
            return try access.open(.noFollow) { options throws(Errno) in
                try entry.parent.openFile(entry.name, options)
            }
        } catch {
            if entry.hasOtherType { return nil }
            throw .failed("cannot open", path(), error)
        }
    }

    /// Whether a large file ends where its size says: some file systems report the same size for each file.
    private func isSize(_ size: Int64, of file: borrowing Descriptor, _ path: () -> Path) throws(PathError) -> Bool {
        do throws(Errno) {
            return try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 2) { end throws(Errno) in
                try file.readOnce(into: UnsafeMutableRawBufferPointer(end), at: size - 1) == 1
            }
        } catch { throw .failed("cannot read", path(), error) }
    }

    /// The parts of a file that has its size, after the first one.
    private func readLarge<Consumer: TreeConsumer & ~Copyable>(
        _ file: borrowing Descriptor, _ size: Int64, begun first: Int, _ path: () -> Path, into consumer: inout Consumer
    ) throws(PathError) {
        var rest = size
        var count = first
        while true {
            // The file ends early, or has more.
            guard count > 0 || rest == 0, Int64(count) <= rest else { throw .changed(path()) }
            rest -= Int64(count)
            if count > 0 { give(count, to: &consumer) }
            if rest == 0, count < buffer.count { return }
            if isCancelled() { throw .cancelled(path()) }
            count = try read(file, path)
        }
    }

    /// A file whose size is only known at its end, as in procfs: the consumer gets the size first, so it is read up to
    /// there before.
    private func readUnsized<Consumer: TreeConsumer & ~Copyable>(
        _ file: borrowing Descriptor, _ entry: WalkEntry, _ metadata: Metadata, begun count: Int, _ path: () -> Path,
        into consumer: inout Consumer
    ) throws(PathError) {
        let content: UnsizedContent
        do throws(UnsizedContent.Failure) {
            content = try UnsizedContent(
                UnsafeRawBufferPointer(rebasing: buffer[..<count]), thenRestOf: file, isCancelled: isCancelled)
        } catch {
            switch error {
            case .source(let errno): throw .failed("cannot read", path(), errno)
            case .temporaryFile(let errno): throw .failed("cannot write to", ProcessState.temporaryFolder, errno)
            case .cancelled: throw .cancelled(path())
            }
        }
        switch consume content {
        case .bytes(let bytes):
            try consumer.file(entry, metadata, size: Int64(bytes.count))
            bytes.withUnsafeBytes { consumer.content($0) }
            progress.add(bytes: Int64(bytes.count))
        case .file(let copy, let size):
            try consumer.file(entry, metadata, size: size)
            do throws(Errno) { try copy.seek(to: 0) } catch { throw .failed("cannot read", path(), error) }
            try readLarge(copy, size, begun: try read(copy, path), path, into: &consumer)
        }
    }

    private func refuseChanged(
        _ file: borrowing Descriptor, _ metadata: Metadata, _ path: () -> Path
    ) throws(PathError) {
        let change: ContentChange?
        do throws(Errno) { change = try file.contentChange(since: metadata) } catch {
            throw .failed("cannot stat", path(), error)
        }
        if change != nil { throw .changed(path()) }
    }

    private func read(_ file: borrowing Descriptor, _ path: () -> Path) throws(PathError) -> Int {
        do throws(Errno) { return try file.read(into: buffer) } catch { throw .failed("cannot read", path(), error) }
    }

    private func give<Consumer: TreeConsumer & ~Copyable>(_ count: Int, to consumer: inout Consumer) {
        consumer.content(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        progress.add(bytes: Int64(count))
    }
}

extension Path {
    /// Something inside, by its path from here; empty for the path itself.
    package func below(_ path: [UInt8]) -> Path { path.isEmpty ? self : appending(Path(path)) }
}
