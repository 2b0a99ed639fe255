/// Why something could not be done with a file, a directory or what they stand for: one shape for the libraries.
public struct PathError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A whole sentence, with the remedy.
    public let description: String
    /// What it is about.
    public let path: Path
    /// The error number, where a system call failed.
    public let errno: Errno?
    /// Nothing failed: the caller has had enough.
    public let isCancelled: Bool

    package init(_ path: Path, _ description: String, _ errno: Errno? = nil, isCancelled: Bool = false) {
        self.path = path
        self.description = description
        self.errno = errno
        self.isCancelled = isCancelled
    }

    /// A system call failed with the path; `doing` is what it was for, as in `cannot read`.
    package static func failed(_ doing: String, _ path: Path, _ errno: Errno) -> PathError {
        PathError(path, "\(doing) \(path.quoted): \(errno.message)", errno)
    }
}
