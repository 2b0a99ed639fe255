import TestSupport

/// What a case takes place on: the file systems of source and copy, and what the caches know of them.
struct Ground {
    let source: FileSystemKind
    let destination: FileSystemKind
    /// Whether all that the kernel remembers of files is dropped before each run.
    let isCold: Bool

    /// The same one for both, and the source in the page cache.
    init(_ kind: FileSystemKind) {
        self.init(from: kind, to: kind)
    }

    private init(from source: FileSystemKind, to destination: FileSystemKind, isCold: Bool = false) {
        (self.source, self.destination, self.isCold) = (source, destination, isCold)
    }

    static let ext4 = Ground(.ext4)
    static let xfs = Ground(.xfs)
    static let btrfs = Ground(.btrfs)
    static let tmpfs = Ground(.tmpfs)
    /// The source in a lower layer and the copy in the upper one, as in a RUN step of a Dockerfile.
    static let overlay = Ground(.overlay)
    /// With the file systems on a disk, for memory is never cold.
    static let coldExt4 = Ground(from: .ext4, to: .ext4, isCold: true)

    static func across(_ source: FileSystemKind, _ destination: FileSystemKind) -> Ground {
        Ground(from: source, to: destination)
    }

    /// For people: `ext4`, `ext4 to xfs`, `ext4, cold`.
    var description: String {
        let kinds = source == destination ? source.rawValue : "\(source.rawValue) to \(destination.rawValue)"
        return isCold ? "\(kinds), cold" : kinds
    }

    /// Whether a folder of any file system does as well, where none can be mounted.
    var isReplaceable: Bool { source == destination && source != .overlay && !isCold }
}
