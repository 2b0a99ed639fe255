import CLinux
import Glibc

/// Reading and writing at places, without a file offset: several workers may do it at once.
extension Descriptor {
    /// pread(2), repeated until the buffer is full; false when the file ends before.
    package func read(exactly buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(Errno) -> Bool {
        try read(into: buffer, at: offset) == buffer.count
    }

    /// pread(2), repeated until the buffer is full or the file ends; how many bytes that were.
    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(Errno) -> Int {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let count = try invoke(.read) { pread(raw, rest.baseAddress, rest.count, Int(offset) + done) }
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// pread(2) once: a short count says nothing of the end of the file.
    package func readOnce(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(Errno) -> Int {
        try invoke(.read) { pread(raw, buffer.baseAddress, buffer.count, Int(offset)) }
    }

    /// pwrite(2), repeated until all bytes are written.
    package func write(all bytes: UnsafeRawBufferPointer, at offset: Int64) throws(Errno) {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            done += try invoke(.write) { pwrite(raw, rest.baseAddress, rest.count, Int(offset) + done) }
        }
    }

    /// ioctl_ficlonerange(2): shares the extents at the source's start, whole blocks of them.
    package func cloneRange(from source: borrowing Descriptor, count: Int64, at offset: Int64) throws(Errno) {
        let input = source.raw
        try invoke(.clone) { clinux_clone_range(raw, input, UInt64(count), UInt64(offset)) }
    }

    /// statx(2) with AT_STATX_FORCE_SYNC: as the file system has it now, whatever the kernel has cached.
    package func currentMetadata() throws(Errno) -> Metadata {
        var out = clinux_statx()
        try invoke(.statx) { clinux_statx(raw, nil, 0x2000, &out) }
        return try Metadata(out)
    }

    /// dup(2) with O_CLOEXEC.
    package func duplicate() throws(Errno) -> Descriptor { try Descriptor(duplicating: raw) }

    /// fcntl(2) F_SETPIPE_SZ: that much room in a pipe, where it is one and the system allows so much.
    package func widenPipe(to bytes: Int) { _ = clinux_pipe_size(raw, Int32(bytes)) }

    init(duplicating number: Int32) throws(Errno) {
        self.init(raw: Int32(try invoke(.duplicate) { Int(clinux_duplicate(number)) }))
    }

    /// The offset of a regular file that can be written at any offset; nil for pipes, terminals, and files that only
    /// append.
    package func writableOffset() throws(Errno) -> Int64? {
        guard try metadata().kind == .regular else { return nil }
        let flags = clinux_status_flags(raw)
        if flags < 0 || flags & O_APPEND != 0 { return nil }
        let offset = lseek(raw, 0, SEEK_CUR)
        return offset < 0 ? nil : Int64(offset)
    }
}

extension Directory {
    /// openat(2) for writing to a FIFO, a device or a pipe, as it is: waits for who reads.
    package func openStream(_ name: Name) throws(Errno) -> Descriptor {
        let flags = O_WRONLY | O_NOCTTY | O_CLOEXEC
        return Descriptor(raw: Int32(try invoke(.open) { Int(clinux_openat(raw, name.cString, flags, 0)) }))
    }

    /// openat(2) with O_TMPFILE: a file without a name, gone when it is closed without getting one.
    package func createUnnamed(_ mode: FileMode) throws(Errno) -> Descriptor {
        Descriptor(raw: Int32(try invoke(.open) { Int(clinux_open_unnamed(raw, mode.rawValue)) }))
    }

    /// Creates a file without a name, which `link(_:to:)` can give one later. Returns nil if O_TMPFILE is refused, or
    /// if there is no /proc, which `link(_:to:)` needs.
    package func createUnpublished(_ mode: FileMode) throws(Errno) -> Descriptor? {
        guard ProcessState.hasDescriptorFolder else { return nil }
        do throws(Errno) { return try createUnnamed(mode) } catch {
            if error.isFatal { throw error }
            return nil
        }
    }

    /// A file that vanishes when it is closed; where O_TMPFILE is refused, its name is removed at once.
    package func createTransient() throws(Errno) -> Descriptor {
        do throws(Errno) { return try createUnnamed(.ownerReadWrite) } catch {
            if error.isFatal { throw error }
        }
        let name = Name.temporary()
        let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let mode = FileMode.ownerReadWrite.rawValue
        let file = Descriptor(raw: Int32(try invoke(.open) { Int(clinux_openat(raw, name.cString, flags, mode)) }))
        try unlink(name)
        return file
    }

    /// linkat(2) by way of /proc: gives a file without a name one that is not taken.
    package func link(_ name: Name, to file: borrowing Descriptor) throws(Errno) {
        let path = "/proc/self/fd/\(file.raw)"
        try invoke(.link) { linkat(AT_FDCWD, path, raw, name.cString, AT_SYMLINK_FOLLOW) }
    }
}

extension Console {
    /// A descriptor of this process as a further one, such as 1 for standard output.
    package static func duplicate(_ number: Int32) throws(Errno) -> Descriptor { try Descriptor(duplicating: number) }
}

extension UnsafeRawBufferPointer {
    /// memcmp(3).
    package func hasSameBytes(as other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count, let one = baseAddress, let two = other.baseAddress else {
            return count == other.count
        }
        return memcmp(one, two, count) == 0
    }

    /// memcmp(3): byte order, the shorter one first where all else is the same.
    package func precedes(_ other: UnsafeRawBufferPointer) -> Bool {
        guard let one = baseAddress, let two = other.baseAddress else { return count < other.count }
        let order = memcmp(one, two, Swift.min(count, other.count))
        return order == 0 ? count < other.count : order < 0
    }

    /// Where the bytes first begin, at or after a place; nil where they do not.
    package func firstPlace(of bytes: [UInt8], from start: Int) -> Int? {
        guard let base = baseAddress, start <= count else { return nil }
        let found = bytes.withUnsafeBytes { clinux_find(base + start, count - start, $0.baseAddress, $0.count) }
        return found.map { $0 - base }
    }
}
