import CLinux
import Glibc

/// Anything with an open file description: metadata calls that end in a descriptor work on it.
package protocol OpenFile: ~Copyable, MetadataTarget {
    var raw: Int32 { get }
}

/// An open file that exactly one owner closes: consuming `close()` reports the kernel's answer, and
/// `deinit` is for the paths that fail.
package struct Descriptor: ~Copyable, Sendable, OpenFile {
    package let raw: Int32

    init(raw: Int32) { self.raw = raw }

    deinit { _ = Glibc.close(raw) }

    /// close(2). Never repeated: Linux frees the descriptor whatever it answers.
    package consuming func close() throws(Errno) {
        let descriptor = raw
        discard self
        let result = Glibc.close(descriptor)
        #if FAULT_INJECTION
            if let fault = Faults.next(.close), fault != .interrupted { throw fault }
        #endif
        if result != 0, errno != EINTR { throw Errno(rawValue: errno) }
    }
}

extension Descriptor {
    /// read(2) into the buffer; 0 at the end of the file. It waits for data also where the file was opened with
    /// O_NONBLOCK.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
        do throws(Errno) {
            return try invoke(.read) { Glibc.read(raw, buffer.baseAddress, buffer.count) }
        } catch {
            guard error == .wouldBlock else { throw error }
        }
        try invoke(.statusFlags) { clinux_block(raw) }
        return try invoke(.read) { Glibc.read(raw, buffer.baseAddress, buffer.count) }
    }

    /// preadv2(2) with RWF_NOWAIT at the file's offset: what is in the page cache.
    package func readCached(into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> CachedRead {
        do throws(Errno) {
            return .bytes(try invoke(.readCached) { clinux_read_cached(raw, buffer.baseAddress, buffer.count) })
        } catch {
            if error == .wouldBlock { return .notCached }
            if error.isFatal { throw error }
            return .unsupported(error)
        }
    }

    /// posix_fadvise(2) POSIX_FADV_WILLNEED for the first bytes: starts to read them, and does not wait.
    package func readAhead(count: Int) throws(Errno) {
        try invoke(.readAhead) { () -> Int32 in
            errno = posix_fadvise(raw, 0, count, POSIX_FADV_WILLNEED)
            return errno == 0 ? 0 : -1
        }
    }

    /// write(2), repeated until all bytes are written. It waits for a reader also where a pipe has O_NONBLOCK.
    package func write(all bytes: UnsafeRawBufferPointer) throws(Errno) {
        var done = 0
        var mayBlock = false
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            do throws(Errno) {
                done += try invoke(.write) { Glibc.write(raw, rest.baseAddress, rest.count) }
            } catch {
                guard error == .wouldBlock, !mayBlock else { throw error }
                try invoke(.statusFlags) { clinux_block(raw) }
                mayBlock = true
            }
        }
    }

    /// The same of bytes in an array.
    package func write(all bytes: [UInt8]) throws(Errno) {
        var failure: Errno?
        bytes.withUnsafeBytes { buffer in
            do throws(Errno) { try write(all: buffer) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// copy_file_range(2) from an offset to the same one, or from both file offsets; 0 at the end, and on files whose
    /// size the kernel does not know (procfs).
    package func copyRange(
        from source: borrowing Descriptor, count: Int, at offset: Int64? = nil
    ) throws(Errno) -> Int {
        let input = source.raw
        return try invoke(.copyRange) { clinux_copy_range(input, raw, count, offset ?? -1) }
    }

    /// ioctl_ficlone(2): shares all of the source's extents.
    package func clone(_ source: borrowing Descriptor) throws(Errno) {
        let input = source.raw
        try invoke(.clone) { clinux_clone(raw, input) }
    }

    /// ftruncate(2).
    package func truncate(to size: Int64) throws(Errno) {
        try invoke(.truncate) { ftruncate(raw, Int(size)) }
    }

    /// lseek(2) to an absolute offset.
    package func seek(to offset: Int64) throws(Errno) {
        _ = try invoke(.seek) { lseek(raw, Int(offset), SEEK_SET) }
    }

    /// lseek(2) SEEK_DATA: where data begins at or after the offset; nil if only a hole follows.
    package func nextData(from offset: Int64) throws(Errno) -> Int64? {
        do throws(Errno) {
            return Int64(try invoke(.seek) { Int(clinux_seek_data(raw, offset)) })
        } catch {
            guard error == .noSuchDevice else { throw error }
            return nil
        }
    }

    /// lseek(2) SEEK_HOLE: where the data at the offset ends; the end of the file counts as a hole.
    package func nextHole(from offset: Int64) throws(Errno) -> Int64 {
        Int64(try invoke(.seek) { Int(clinux_seek_hole(raw, offset)) })
    }

    /// flock(2) LOCK_EX: waits for whoever holds the lock.
    package func lock() throws(Errno) { try invoke(.lock) { flock(raw, LOCK_EX) } }

    /// flock(2) LOCK_EX without waiting: false when somebody else holds the lock.
    package func tryLock() throws(Errno) -> Bool {
        do throws(Errno) {
            try invoke(.lock) { flock(raw, LOCK_EX | LOCK_NB) }
            return true
        } catch {
            guard error == .wouldBlock else { throw error }
            return false
        }
    }
}

/// What `readCached` found.
package enum CachedRead {
    /// That many; 0 may be the end of the file.
    case bytes(Int)
    /// The next byte has to come from the disk.
    case notCached
    /// The file system does not tell.
    case unsupported(Errno)
}

extension OpenFile where Self: ~Copyable {
    /// statx(2) of the open file itself.
    package func metadata() throws(Errno) -> Metadata {
        var out = clinux_statx()
        try invoke(.statx) { clinux_statx(raw, nil, 0, &out) }
        return try Metadata(out)
    }

    /// fchmod(2).
    package func setMode(_ mode: FileMode) throws(Errno) {
        try invoke(.setMode) { fchmod(raw, mode.rawValue) }
    }

    /// fchown(2); nil leaves that number as it is.
    package func setOwner(user: UInt32?, group: UInt32?) throws(Errno) {
        try invoke(.setOwner) { fchown(raw, user ?? .max, group ?? .max) }
    }

    /// futimens(3).
    package func setTimes(accessed: Timestamp, modified: Timestamp) throws(Errno) {
        let times = [accessed.timespec, modified.timespec]
        try invoke(.setTimes) { futimens(raw, times) }
    }

    /// fsync(2): waits until the file is on disk.
    package func sync() throws(Errno) { try invoke(.sync) { fsync(raw) } }

    /// syncfs(2): waits until all that was written to the file system is on disk.
    /// Where syncfs is refused, as for a directory that may not be listed, sync(2) waits for all file systems.
    package func syncFileSystem() throws(Errno) {
        do throws(Errno) { try invoke(.sync) { clinux_sync(raw) } } catch {
            guard [.badDescriptor, .notImplemented, .notPermitted].contains(error) else { throw error }
            Glibc.sync()
        }
    }

    /// The magic number of statfs(2).
    package func fileSystemType() throws(Errno) -> Int64 {
        Int64(try invoke(.fileSystem) { Int(clinux_file_system_type(raw)) })
    }
}
