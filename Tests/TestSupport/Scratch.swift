import Glibc
import Synchronization

/// A temporary directory that vanishes with its owner, whatever was built in it.
public final class Scratch: Sendable {
    /// Where it is.
    public let path: ByteString
    private let isRemoved = Mutex(false)

    /// Makes a directory of mode 0700 below `parent`, or below `$TMPDIR`, or below /tmp.
    public init(in parent: ByteString? = nil) throws(TestError) {
        let parent = parent ?? Scratch.defaultParent
        var template = (parent / "repot-XXXXXX").cString
        guard mkdtemp(&template) != nil else { throw TestError("mkdtemp", code: errno, path: parent) }
        path = ByteString(template.dropLast().map { UInt8(bitPattern: $0) })
    }

    deinit {
        do { try remove() } catch { report("Scratch: \(error)") }
    }

    /// The path as text, for arguments; a scratch path itself is plain ASCII unless its parent is not.
    public var pathText: String { String(decoding: path.bytes, as: UTF8.self) }

    /// A path in this directory.
    public static func / (scratch: Scratch, name: ByteString) -> ByteString {
        scratch.path / name
    }

    /// Removes the directory and all below it, once; follows no link and enters no mounted file system.
    public func remove() throws(TestError) {
        let isFirst = isRemoved.withLock { isRemoved in
            defer { isRemoved = true }
            return !isRemoved
        }
        if isFirst { try TreeRemoval.remove(path) }
    }

    /// Hands the directory itself to `user`, so that a program run as that user may write in it.
    public func give(to user: OrdinaryUser) throws(TestError) {
        try check("chown", path) { chown(path.cString, user.id, user.group) }
    }

    static var defaultParent: ByteString {
        guard let folder = getenv("TMPDIR"), folder.pointee != 0 else { return "/tmp" }
        return ByteString(String(cString: folder))
    }
}

/// Tells the person at the terminal what cannot be thrown.
func report(_ message: String) {
    let line = ByteString(message + "\n").bytes
    _ = write(STDERR_FILENO, line, line.count)
}
