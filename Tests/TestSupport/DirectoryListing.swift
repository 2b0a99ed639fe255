import Glibc

extension Descriptor {
    /// The names in this directory, in the order the file system gives them, without "." and "..".
    ///
    /// Works on a duplicate, for `closedir` closes what it was given.
    func names() throws(TestError) -> [ByteString] {
        let copy = try check("dup", "") { fcntl(number, F_DUPFD_CLOEXEC, 0) }
        guard let stream = fdopendir(copy) else {
            close(copy)
            throw TestError("fdopendir", code: errno)
        }
        defer { closedir(stream) }
        rewinddir(stream)
        var names: [ByteString] = []
        while let name = try Self.nextName(in: stream) {
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    private static func nextName(in stream: OpaquePointer) throws(TestError) -> ByteString? {
        // Null means the end or an error; only errno tells which.
        errno = 0
        guard let record = readdir(stream) else {
            if errno != 0 { throw TestError("readdir", code: errno) }
            return nil
        }
        guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { return nil }
        // The record may be shorter than the C structure says, so the name is read where it lies.
        let start = UnsafeRawPointer(record).advanced(by: offset).assumingMemoryBound(to: UInt8.self)
        let length = strlen(UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self))
        return ByteString(Array(UnsafeBufferPointer(start: start, count: length)))
    }
}
