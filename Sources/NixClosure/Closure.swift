import SystemCalls

/// Store paths that belong together, in byte order, each once.
public struct Closure: Hashable, Sendable {
    /// The paths.
    public let storePaths: [StorePath]
    private let members: Set<StorePath>

    /// Sorts and removes duplicates.
    public init(_ storePaths: some Sequence<StorePath>) {
        members = Set(storePaths)
        self.storePaths = members.sorted()
    }

    /// Whether the path belongs to it.
    public func contains(_ storePath: StorePath) -> Bool { members.contains(storePath) }

    /// Makes sure that every path is there, before anything is written.
    public func check(in store: Store) throws(ClosureError) {
        for storePath in storePaths { try store.requirePresence(of: storePath) }
    }
}

extension Store {
    fileprivate func requirePresence(of storePath: StorePath) throws(ClosureError) {
        let physical = physicalPath(of: storePath)
        do throws(Errno) { _ = try Directory.current.metadata(of: Name(physical), following: false) } catch {
            if error == .notFound || error == .notDirectory { throw .missing(path(of: storePath), self) }
            throw .failed("cannot stat", physical, error)
        }
    }
}
