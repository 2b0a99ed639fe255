public import SystemCalls

/// What a user's root comes to: a store path and, for something inside one, the way from there.
public struct ResolvedRoot: Hashable, Sendable {
    /// The store path.
    public let storePath: StorePath
    /// The way from the store path; empty for the store path itself.
    public let rest: Path
}

/// Follows what users name, `./result` or a path through it, to the store path.
public struct RootResolver: Sendable {
    private let store: Store
    /// As many symlinks as the kernel follows before it says ELOOP. Source: path_resolution(7).
    private static let mostLinks = 40

    /// A resolver into this store.
    public init(_ store: Store) { self.store = store }

    /// The store path that the operand names, is inside of, or links to. Links are followed until the store
    /// is reached and not inside it: its names are what references are made of.
    public func resolve(_ operand: Path) throws(ClosureError) -> ResolvedRoot {
        var pending = Array(try absolute(operand).components.reversed())
        var here: Path = "/"
        var links = 0
        while true {
            if let below = store.components(below: here) {
                return try root(below + pending.reversed(), operand)
            }
            guard let next = pending.popLast() else { throw .outside(operand, store) }
            if next == ".." {
                here = here.parent
                continue
            }
            let path = here.appending(next)
            guard let target = try link(path, operand) else {
                here = path
                continue
            }
            links += 1
            if links > Self.mostLinks { throw .failed("cannot follow", operand, .loop) }
            if target.isAbsolute { here = "/" }
            pending += target.components.reversed()
        }
    }

    private func absolute(_ operand: Path) throws(ClosureError) -> Path {
        if operand.isAbsolute { return operand }
        do throws(Errno) { return try ProcessState.workingDirectory().appending(operand) } catch {
            throw .failed("cannot find the working directory for", operand, error)
        }
    }

    /// The target of a symlink, nil for anything else. Names below the store need not exist on this side of
    /// `--store-root`, so a path on the way there counts as a directory.
    private func link(_ path: Path, _ operand: Path) throws(ClosureError) -> Path? {
        if store.directory.hasPrefix(path) || store.physicalDirectory.hasPrefix(path) { return nil }
        do throws(Errno) {
            let metadata = try Directory.current.metadata(of: Name(path), following: false)
            guard metadata.kind == .symlink else { return nil }
            return Path(try Directory.current.readLink(Name(path)).bytes)
        } catch { throw .failed("cannot find", operand, error) }
    }

    private func root(_ components: [Path], _ operand: Path) throws(ClosureError) -> ResolvedRoot {
        guard let first = components.first else { throw .outside(operand, store) }
        guard !components.contains("..") else { throw .outside(operand, store) }
        guard let storePath = StorePath(baseName: first) else { throw .invalid(store.directory.appending(first)) }
        let rest = components.dropFirst().reduce(Path([])) { $0.appending($1) }
        try store.requirePresence(of: storePath, rest)
        return ResolvedRoot(storePath: storePath, rest: rest)
    }
}
