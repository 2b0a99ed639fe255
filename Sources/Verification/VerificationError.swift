import NixClosure
public import SystemCalls

/// Why nothing can be said about a root file system: one shape for the library.
public struct VerificationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A whole sentence, with the remedy.
    public let description: String
    /// What it is about.
    public let path: Path
    /// The error number, where a system call failed.
    public let errno: Errno?

    init(_ path: Path, _ description: String, _ errno: Errno? = nil) {
        self.path = path
        self.description = description
        self.errno = errno
    }

    /// A run that staged nothing would look as good as one that staged all.
    static func empty(_ store: Store) -> VerificationError {
        VerificationError(
            store.physicalDirectory,
            "\(store.physicalDirectory.quoted) holds no store path, and nothing says what should be there: "
                + "stage a closure, or name it with --closure")
    }

    static func failed(_ doing: String, _ path: Path, _ errno: Errno) -> VerificationError {
        VerificationError(path, "\(doing) \(path.quoted): \(errno.message)", errno)
    }
}
