import Synchronization
import SystemCalls

/// A regular file, of which each worker writes its parts.
final class FileSink: ArchiveSink {
    private let file: Descriptor
    /// Where the archive begins: standard output may have something in it already.
    private let start: Int64
    /// The error number that says that there are no reflinks here; 0 as long as there may be.
    private let refusal = Atomic<Int32>(0)
    private let shared = Atomic<Int64>(0)

    init(_ file: consuming Descriptor, from start: Int64) {
        self.file = file
        self.start = start
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(Errno) {
        try file.write(all: bytes, at: start + offset)
    }

    func fill(
        _ count: Int64, at offset: Int64, _ scratch: UnsafeMutableRawBufferPointer,
        _ read: (UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Void
    ) throws(SinkError) {
        var done: Int64 = 0
        while done < count {
            let part = UnsafeMutableRawBufferPointer(rebasing: scratch[..<Int(min(count - done, Int64(scratch.count)))])
            do throws(ArchiveError) { try read(part) } catch { throw .source(error) }
            do throws(Errno) { try write(UnsafeRawBufferPointer(part), at: offset + done) } catch {
                throw .archive(error)
            }
            done += Int64(part.count)
        }
    }

    /// Whole blocks only; the rest at the end is written. A file system without reflinks is remembered; other refusals
    /// concern one file, such as EAGAIN of ZFS for one that was just written.
    func share(_ file: borrowing Descriptor, _ size: Int64, at offset: Int64) throws(Errno) -> Int64 {
        let place = start + offset
        let whole = size - size % Int64(Member.alignment)
        guard whole > 0, place % Int64(Member.alignment) == 0, refusal.load(ordering: .relaxed) == 0 else {
            return 0
        }
        do throws(Errno) {
            try self.file.cloneRange(from: file, count: whole, at: place)
            shared.add(whole, ordering: .relaxed)
            return whole
        } catch {
            if error.isFatal { throw error }
            if error.isLackOfReflinks { refusal.store(error.rawValue, ordering: .relaxed) }
            return 0
        }
    }

    var sharing: Sharing {
        let errno = refusal.load(ordering: .relaxed)
        return Sharing(bytes: shared.load(ordering: .relaxed), refusal: errno == 0 ? nil : Errno(rawValue: errno))
    }

    /// Whoever writes to the same file next, as a shell's next command does, goes on behind the archive. Closing a copy
    /// of the descriptor brings out what a network file system has not said yet.
    func finish(_ size: Int64) throws(Errno) {
        try file.seek(to: start + size)
        try file.duplicate().close()
    }
}

extension Errno {
    /// Source: ioctl_ficlonerange(2).
    fileprivate var isLackOfReflinks: Bool {
        [.notSupported, .notTerminal, .notImplemented, .badDescriptor].contains(self)
    }
}
