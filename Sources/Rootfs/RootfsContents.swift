public import NixClosure
public import SystemCalls

/// What a root file system holds, wherever it goes: the closure and what repot adds to it.
public struct RootfsContents: Sendable {
    /// The store that the closure is in.
    public let store: Store
    /// The store paths, in byte order.
    public let storePaths: [StorePath]
    /// Directories that repot adds, from the root down, without a leading slash; the store's is the last of its own.
    public let directories: [Path]
    /// Symlinks beside the store, each once, by path.
    public let symlinks: [RootfsSymlink]

    /// The store's directory from the root of the file system, without a leading slash.
    public var storeDirectory: Path { Self.relative(store.directory) }

    /// Conflicts among what was asked for are found here.
    public init(store: Store, closure: Closure, symlinks links: [RootfsSymlink]) throws(RootfsError) {
        self.store = store
        storePaths = closure.storePaths
        directories = try Self.directories(Self.relative(store.directory), links)
        symlinks = Set(links).sorted { $0.path < $1.path }
    }

    /// The store's directories and the parents of symlinks.
    private static func directories(_ store: Path, _ links: [RootfsSymlink]) throws(RootfsError) -> [Path] {
        var targets: [Path: Path] = [:]
        for link in links {
            if let other = targets.updateValue(link.target, forKey: link.path), other != link.target {
                throw RootfsError(link.path, "the symlink '/\(link.path)' is asked for twice, with two targets")
            }
        }
        var directories = ancestors(of: store) + [store]
        for link in links { directories += ancestors(of: link.path) }
        for directory in directories where targets[directory] != nil {
            throw RootfsError(directory, "'/\(directory)' cannot be a symlink: something else lies in it")
        }
        for link in links where link.path.hasPrefix(store) {
            throw RootfsError(link.path, "'/\(link.path)' is in the store, which holds store paths only")
        }
        return Set(directories).sorted()
    }

    private static func ancestors(of path: Path) -> [Path] {
        let components = path.components
        return components.indices.dropFirst().map { end in
            components[..<end].reduce(Path([])) { $0.appending($1) }
        }
    }

    static func relative(_ path: Path) -> Path { path.components.reduce(Path([])) { $0.appending($1) } }
}
