import SystemCalls

/// Store paths that belong together, in byte order, each once.
public struct Closure: Hashable, Sendable {
    /// The paths.
    public let storePaths: [StorePath]

    /// Sorts and removes duplicates.
    public init(_ storePaths: some Sequence<StorePath>) { self.storePaths = Set(storePaths).sorted() }

    /// Whether the path belongs to it.
    public func contains(_ storePath: StorePath) -> Bool { storePaths.contains(storePath) }

    /// Makes sure that every path is there, before anything is written.
    public func check(in store: Store) throws(ClosureError) {
        for storePath in storePaths { try store.requirePresence(of: storePath, Path([])) }
    }
}

extension Store {
    /// Makes sure that the store path, or something inside it, is there.
    func requirePresence(of storePath: StorePath, _ rest: Path) throws(ClosureError) {
        let logical = rest.bytes.isEmpty ? path(of: storePath) : path(of: storePath).appending(rest)
        do throws(Errno) {
            _ = try Directory.current.metadata(of: Name(physical(logical)), following: false)
        } catch {
            if error == .notFound { throw .missing(logical, self) }
            throw .failed("cannot stat", physical(logical), error)
        }
    }
}

/// Somebody who knows closures.
public protocol ClosureSource: Sendable {
    /// The roots and all that they refer to, in any order.
    func storePaths(of roots: [StorePath]) throws(ClosureError) -> [StorePath]
}
