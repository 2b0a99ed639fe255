public import SystemCalls

/// Why a root file system cannot be made as asked. Nothing has been written.
public struct RootfsError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A whole sentence, with the remedy.
    public let description: String
    /// The entry it is about.
    public let path: Path
    /// The error number, where a system call failed.
    public let errno: Errno?

    init(_ path: Path, _ description: String, _ errno: Errno? = nil) {
        self.path = path
        self.description = description
        self.errno = errno
    }

    /// A file that the user names cannot be read.
    package static func unreadable(_ path: Path, _ errno: Errno) -> RootfsError { .failed("cannot read", path, errno) }

    static func failed(_ doing: String, _ path: Path, _ errno: Errno) -> RootfsError {
        RootfsError(path, "\(doing) \(path.quoted): \(errno.message)", errno)
    }
}

/// All that is in the way of a root file system. Nothing has been written.
public struct RootfsConflicts: Error, Hashable, Sendable, CustomStringConvertible {
    /// At least one, in the order of their paths as far as they were found together.
    public let errors: [RootfsError]

    /// nil where there is none.
    init?(_ errors: [RootfsError]) {
        if errors.isEmpty { return nil }
        self.errors = errors
    }

    /// Those, and what made it useless to look further.
    init(_ errors: [RootfsError], _ last: RootfsError) { self.errors = errors + [last] }

    /// A line each.
    public var description: String { errors.map(\.description).joined(separator: "\n") }
}

extension Path {
    /// An entry of the root file system, as its users know it.
    var inRoot: Path { Path("/").appending(self) }
}

extension [RootfsError] {
    /// Does the work, and notes why it could not be done.
    mutating func collect(_ work: () throws(RootfsError) -> Void) {
        do throws(RootfsError) { try work() } catch { append(error) }
    }
}
