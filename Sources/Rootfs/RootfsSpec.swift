public import NixClosure
public import SystemCalls
public import TreeCopy

/// A symlink that the root file system is to have.
public struct RootfsSymlink: Hashable, Sendable {
    /// Where it is, from the root of the file system; without a leading slash.
    public let path: Path
    /// What it points at, as the container sees it.
    public let target: Path

    /// nil unless the path names something below the root: `..` leads out of it, and `/` is it.
    public init?(path: Path, target: Path) {
        let components = path.components
        guard !components.isEmpty, !components.contains(".."), !target.bytes.isEmpty else { return nil }
        self.path = components.reduce(Path([])) { $0.appending($1) }
        self.target = target
    }
}

/// What a root file system is to be made of.
public struct RootfsSpec: Sendable {
    /// The store that the closure is in.
    public var store: Store
    /// The store paths.
    public var closure: Closure
    /// The directory that becomes the root; its parent exists.
    public var destination: Path
    /// Symlinks beside the store.
    public var symlinks: [RootfsSymlink] = []
    /// How store paths are copied.
    public var strategy = StrategyChoice.auto
    /// No stepping down from the strategy.
    public var isStrict = false
    /// Everything belongs to this owner instead of the source's.
    public var owner: Ownership?
    /// Everything has this modification time, in seconds since 1970, instead of the source's.
    public var modificationTime: Int64?
    /// The number of workers; nil for the engine's own choice.
    public var workers: Int?

    /// A root of this closure and nothing else.
    public init(store: Store, closure: Closure, destination: Path) {
        self.store = store
        self.closure = closure
        self.destination = destination
    }
}

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
        RootfsError(path, "\(doing) '\(path)': \(errno.message)", errno)
    }
}
