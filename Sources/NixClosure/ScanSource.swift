import SystemCalls

/// Finds references in the files themselves.
public struct ScanSource: ClosureSource {
    private let store: Store

    /// Scans this store.
    public init(_ store: Store) { self.store = store }

    /// The roots and all that they refer to.
    public func infos(of roots: [StorePath]) throws(ClosureError) -> [PathInfo] {
        throw ClosureError(store.directory, "scanning is not built yet")
    }
}
