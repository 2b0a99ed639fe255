import SystemCalls

/// Why a tree cannot be put into an archive.
extension PathError {
    static func changed(_ path: Path) -> PathError {
        PathError(path, "\(path.quoted) changed while it was read: leave it alone, and run the same again")
    }

    static func special(_ path: Path, _ kind: FileKind) -> PathError {
        PathError(
            path,
            "\(path.quoted) is a \(kind.word): a store path has nothing but files, directories and symlinks; remove it")
    }

    static func cancelled(_ path: Path) -> PathError { PathError(path, "interrupted", isCancelled: true) }
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
