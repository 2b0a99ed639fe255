public import SystemCalls

/// Why a tree cannot be put into an archive: one shape for the library.
public struct NarError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A whole sentence, with the remedy.
    public let description: String
    /// What it is about.
    public let path: Path
    /// The error number, where a system call failed.
    public let errno: Errno?
    /// Nothing failed: the caller has had enough.
    public let isCancelled: Bool

    private init(_ path: Path, _ description: String, _ errno: Errno? = nil, isCancelled: Bool = false) {
        self.path = path
        self.description = description
        self.errno = errno
        self.isCancelled = isCancelled
    }

    package static func failed(_ doing: String, _ path: Path, _ errno: Errno) -> NarError {
        NarError(path, "\(doing) \(path.quoted): \(errno.message)", errno)
    }

    static func changed(_ path: Path) -> NarError {
        NarError(path, "\(path.quoted) changed while it was read: leave it alone, and run the same again")
    }

    static func special(_ path: Path, _ kind: FileKind) -> NarError {
        NarError(
            path,
            "\(path.quoted) is a \(kind.word): a store path has nothing but files, directories and symlinks; remove it")
    }

    static func cancelled(_ path: Path) -> NarError { NarError(path, "interrupted", isCancelled: true) }
}

extension FileKind {
    fileprivate var word: String {
        switch self {
        case .regular: "file"
        case .directory: "directory"
        case .symlink: "symlink"
        case .fifo: "FIFO"
        case .socket: "socket"
        case .characterDevice: "character device"
        case .blockDevice: "block device"
        }
    }
}
