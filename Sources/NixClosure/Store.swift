public import SystemCalls

/// A store: the directory that its paths are known by, and where that directory really is.
public struct Store: Hashable, Sendable {
    /// The directory in names and references, `/nix/store` unless said otherwise.
    public let directory: Path
    /// The directory that stands for `/`, as in Nix's `local?root=`; absolute. nil for `/` itself.
    public let root: Path?

    /// A store known as `directory`, which is absolute, and whose files are below `root`. A relative root is meant
    /// from the working directory.
    public init(directory: Path, root: Path?) throws(ClosureError) {
        let components = directory.components
        guard directory.isAbsolute, !components.isEmpty, !components.contains("..") else {
            throw ClosureError(directory, "the store \(directory.quoted) has to be an absolute path without '..'")
        }
        self.directory = components.reduce("/") { $0.appending($1) }
        self.root = try root.map { (root) throws(ClosureError) in try Self.absolute(root) }
    }

    private static func absolute(_ path: Path) throws(ClosureError) -> Path {
        if path.isAbsolute { return path.withoutTrailingSlashes }
        do throws(Errno) { return try ProcessState.workingDirectory().appending(path).withoutTrailingSlashes } catch {
            throw .failed("cannot find the working directory for", path, error)
        }
    }

    /// Where the store's directory really is.
    public var physicalDirectory: Path { physical(directory) }

    /// The name that references use: `/nix/store/…-hello`.
    public func path(of storePath: StorePath) -> Path { directory.appending(storePath.baseName) }

    /// Where the store path really is.
    public func physicalPath(of storePath: StorePath) -> Path { physical(path(of: storePath)) }

    /// The store path that has this name in full; nil for anything else, something inside one included.
    public func storePath(_ path: Path) -> StorePath? { storePath(path.bytes[...]) }

    /// The store path with these bytes; nil if they are not a store path, for example if one of them is NUL.
    package func storePath(_ path: ArraySlice<UInt8>) -> StorePath? {
        let name = path.dropFirst(directory.bytes.count)
        guard name.first == Path.slash, path.starts(with: directory.bytes) else { return nil }
        return StorePath(baseName: name.dropFirst())
    }

    /// Where something really is that has this path below the root of the store.
    package func physical(_ path: Path) -> Path {
        guard let root else { return path }
        return root.appending(Path(path.bytes.drop { $0 == Path.slash }))
    }
}
