public import SystemCalls

/// The location in a store that an operand names.
public struct ResolvedRoot: Hashable, Sendable {
    /// The store path.
    public let storePath: StorePath
    /// The path from the store path to the location; empty for the store path itself.
    public let rest: Path
}

extension Store {
    /// The path that references use, also for a location inside a store path.
    public func path(of root: ResolvedRoot) -> Path {
        let storePath = path(of: root.storePath)
        return root.rest.bytes.isEmpty ? storePath : storePath.appending(root.rest)
    }
}

/// Finds the store path that an operand such as `./result` names.
public struct RootResolver: Sendable {
    private let store: Store

    /// A resolver into this store.
    public init(_ store: Store) { self.store = store }

    /// The store path that a root means, as `nix-store --query --requisites` resolves it.
    ///
    /// A symlink at the end of the operand is followed while the operand's text is not in the store: a link in a
    /// profile means the package that it leads to. The result is the first store path on the way, which is not followed
    /// if it is a symlink itself.
    ///
    /// - Throws: An error if the operand does not exist, or does not lead into the store.
    public func resolve(_ operand: Path) throws(ClosureError) -> ResolvedRoot {
        try walk(operand, .followed)
    }

    /// The location inside the first store path on the way, for a link that has to lead through that store path.
    ///
    /// - Throws: An error if the operand does not exist, or does not lead into the store.
    public func location(of operand: Path) throws(ClosureError) -> ResolvedRoot {
        try walk(operand, .kept)
    }

    private func walk(_ operand: Path, _ lastLink: StoreWalk.LastLink) throws(ClosureError) -> ResolvedRoot {
        guard !operand.bytes.isEmpty else { throw .failed("cannot find", operand, .notFound) }
        var walk = try StoreWalk(store, operand, lastLink)
        let resolved = try walk.run()
        if WorkingFiles.contains(resolved.storePath, in: store) {
            throw .workingFile(store.path(of: resolved.storePath))
        }
        return resolved
    }
}
