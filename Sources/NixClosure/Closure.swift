package import SystemCalls

/// A set of store paths in byte order.
public struct Closure: Hashable, Sendable {
    /// The paths.
    public let storePaths: [StorePath]
    private let members: Set<StorePath>

    /// Sorts and removes duplicates.
    public init(_ storePaths: some Sequence<StorePath>) {
        members = Set(storePaths)
        self.storePaths = members.sorted()
    }

    /// Whether the path belongs to the closure.
    public func contains(_ storePath: StorePath) -> Bool { members.contains(storePath) }

    /// Checks that every path exists, before anything is written.
    public func check(in store: Store) throws(ClosureError) { try check(in: [store]) }

    /// Checks that every path exists in one of the stores. The error names the first store.
    package func check(in stores: [Store]) throws(ClosureError) {
        for storePath in storePaths {
            var isThere = false
            for store in stores where !isThere { isThere = try store.has(storePath) }
            if let store = stores.first, !isThere { throw .missing(store.path(of: storePath), store) }
        }
    }
}

extension Store {
    /// The location of the store path: in this store, or else in the store to which an earlier run moved it.
    package func physicalPath(of storePath: StorePath, orIn moved: Store?) -> Path {
        guard let moved, (try? has(storePath)) == false else { return physicalPath(of: storePath) }
        return moved.physicalPath(of: storePath)
    }

    /// Whether there is an entry with the store path's name.
    package func has(_ storePath: StorePath) throws(ClosureError) -> Bool {
        let physical = physicalPath(of: storePath)
        do throws(Errno) {
            _ = try Directory.current.metadata(of: Name(physical), following: false)
            return true
        } catch {
            if error == .notFound || error == .notDirectory { return false }
            throw .failed("cannot stat", physical, error)
        }
    }
}
