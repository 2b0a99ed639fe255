public import SystemCalls

/// A store: the directory that its paths are known by, and where that directory really is.
public struct Store: Hashable, Sendable {
    /// The directory in names and references, `/nix/store` unless said otherwise.
    public let directory: Path
    /// The directory that stands for `/`, as in Nix's `local?root=`; nil for `/` itself.
    public let root: Path?

    /// A store known as `directory`, whose files are below `root`.
    public init(directory: Path = "/nix/store", root: Path? = nil) {
        self.directory = directory.withoutTrailingSlashes
        self.root = root
    }

    /// Where the store's directory really is.
    public var physicalDirectory: Path { physical(directory) }

    /// The name that references use: `/nix/store/…-hello`.
    public func path(of storePath: StorePath) -> Path { directory.appending(storePath.baseName) }

    /// Where the store path really is.
    public func physicalPath(of storePath: StorePath) -> Path { physical(path(of: storePath)) }

    func physical(_ path: Path) -> Path {
        guard let root else { return path }
        return root.appending(Path(path.bytes.drop { $0 == Path.slash }))
    }

    /// The components of a path below the store, known by its name or by where it really is; nil for
    /// other paths.
    func components(below path: Path) -> [Path]? {
        for start in [directory, physicalDirectory] where path.hasPrefix(start) {
            return Array(path.components.dropFirst(start.components.count))
        }
        return nil
    }
}
