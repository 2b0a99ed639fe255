import Glibc
import TestSupport

/// An open folder to make entries in, at any depth and with no more system calls than it takes.
struct OpenFolder: ~Copyable {
    private let descriptor: Int32

    /// Opens what is there already.
    init(_ path: ByteString) throws(TestError) {
        descriptor = try Self.open(path, in: AT_FDCWD, O_RDONLY | O_DIRECTORY)
    }

    private init(owning descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Makes a folder at a path.
    static func make(_ path: ByteString) throws(TestError) {
        try make(path, in: AT_FDCWD)
    }

    /// A new folder in this one.
    func folder(_ name: ByteString) throws(TestError) -> OpenFolder {
        try Self.make(name, in: descriptor)
        return OpenFolder(owning: try Self.open(name, in: descriptor, O_RDONLY | O_DIRECTORY))
    }

    /// A new file with few bytes.
    func file(_ name: ByteString, _ bytes: [UInt8]) throws(TestError) {
        let file = try Self.open(name, in: descriptor, O_WRONLY | O_CREAT | O_EXCL)
        defer { close(file) }
        guard write(file, bytes, bytes.count) == bytes.count else {
            throw TestError("write", code: errno, path: name)
        }
    }

    private static func make(_ name: ByteString, in folder: Int32) throws(TestError) {
        guard mkdirat(folder, name.description, 0o755) == 0 else {
            throw TestError("mkdir", code: errno, path: name)
        }
    }

    private static func open(_ name: ByteString, in folder: Int32, _ flags: Int32) throws(TestError) -> Int32 {
        let descriptor = openat(folder, name.description, flags | O_CLOEXEC, 0o644)
        if descriptor < 0 { throw TestError("open", code: errno, path: name) }
        return descriptor
    }
}
