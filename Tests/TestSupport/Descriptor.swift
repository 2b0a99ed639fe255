import Glibc

/// Which file an entry is, whatever its name.
struct Identity: Hashable, Sendable {
    let device: UInt64
    let inode: UInt64

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }
}

/// An open file descriptor, closed with its last reference.
final class Descriptor: Sendable {
    let number: Int32

    init(owning number: Int32) {
        self.number = number
    }

    deinit {
        close(number)
    }

    /// Opens `name` in `directory`; never follows a link, never leaks into a child process.
    static func open(
        _ name: ByteString, in directory: Int32 = AT_FDCWD, _ flags: Int32, mode: mode_t = 0
    ) throws(TestError) -> Descriptor {
        let flags = flags | O_CLOEXEC | O_NOFOLLOW
        return Descriptor(
            owning: try check("open", name) { openat(directory, name.cString, flags, mode) })
    }

    /// Opens for reading without touching the access time, where the kernel allows that to this user.
    func openQuietly(_ name: ByteString, _ flags: Int32 = 0) throws(TestError) -> Descriptor {
        do {
            return try .open(name, in: number, flags | O_RDONLY | O_NONBLOCK | Linux.noAccessTime)
        } catch let error where error.code == EPERM {
            return try .open(name, in: number, flags | O_RDONLY | O_NONBLOCK)
        }
    }

    func openDirectory(_ name: ByteString) throws(TestError) -> Descriptor {
        try openQuietly(name, O_DIRECTORY)
    }

    func status() throws(TestError) -> stat {
        var status = stat()
        try check("fstat", "") { fstat(number, &status) }
        return status
    }

    func status(of name: ByteString) throws(TestError) -> stat {
        var status = stat()
        try check("lstat", name) { fstatat(number, name.cString, &status, AT_SYMLINK_NOFOLLOW) }
        return status
    }
}

extension Descriptor {
    /// Opens a directory by any path, also one longer than PATH_MAX, by going down one name at a time.
    ///
    /// The last name may not be a symbolic link, but the way to it may hold some: /tmp is one on some hosts.
    static func directory(at path: ByteString) throws(TestError) -> Descriptor {
        do {
            return try .open(path.isEmpty ? "." : path, O_RDONLY | O_DIRECTORY)
        } catch let error where error.code == ENAMETOOLONG {
            let isAbsolute = path.bytes.first == UInt8(ascii: "/")
            var directory = try open(isAbsolute ? "/" : ".", O_RDONLY | O_DIRECTORY)
            for name in path.components { directory = try directory.openDirectory(name) }
            return directory
        }
    }

    /// Splits a path into its opened parent directory and its last name.
    static func locate(_ path: ByteString) throws(TestError) -> (parent: Descriptor, name: ByteString) {
        var names = path.components
        let name = names.popLast() ?? "."
        let start: ByteString = path.bytes.first == UInt8(ascii: "/") ? "/" : ""
        let parent = names.reduce(start) { path, name in path == "/" ? path + name : path / name }
        // A trailing "/." lets the parent itself be a link to a directory.
        return (try directory(at: parent.isEmpty ? "." : parent / "."), name)
    }
}
