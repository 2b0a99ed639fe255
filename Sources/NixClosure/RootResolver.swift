public import SystemCalls

/// What a user's root comes to: a store path and, for something inside one, the way from there.
public struct ResolvedRoot: Hashable, Sendable {
    /// The store path.
    public let storePath: StorePath
    /// The way from the store path; empty for the store path itself.
    public let rest: Path
}

extension Store {
    /// The name that references use, also for something inside a store path.
    public func path(of root: ResolvedRoot) -> Path {
        let storePath = path(of: root.storePath)
        return root.rest.bytes.isEmpty ? storePath : storePath.appending(root.rest)
    }
}

/// Follows what users name, `./result` or a path through it, to the store path.
public struct RootResolver: Sendable {
    private let store: Store

    /// A resolver into this store.
    public init(_ store: Store) { self.store = store }

    /// The store path that the operand names, is inside of, or links to. The first one on the way counts: where
    /// it is a symlink itself, it is not followed, since its name is what references are made of.
    public func resolve(_ operand: Path) throws(ClosureError) -> ResolvedRoot {
        guard !operand.bytes.isEmpty else { throw .failed("cannot find", operand, .notFound) }
        var walk = try StoreWalk(store, operand)
        return try walk.run()
    }
}
