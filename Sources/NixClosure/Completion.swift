import Nar
import SystemCalls

extension [PathInfo] {
    /// The infos, with each unknown hash and size computed from the files. Known hashes and sizes are kept.
    ///
    /// - Parameter workers: the number of workers; nil for one per processor.
    public func completed(in store: Store, workers: Int? = nil) throws(ClosureError) -> [PathInfo] {
        let gaps = indices.filter { self[$0].narHash == nil || self[$0].narSize == nil }
        if gaps.isEmpty { return self }
        var infos = self
        let trees = gaps.map { NarTree(store.physicalPath(of: self[$0].path)) }
        for (index, result) in zip(gaps, NarDigests(workers: workers).digests(of: trees)) {
            do throws(PathError) {
                infos[index].complete(by: try result.get())
            } catch { throw ClosureError(error) }
        }
        return infos
    }
}

extension ClosureError {
    /// An error that occurred while hashing a store path.
    init(_ error: PathError) { self.init(error.path, error.description, error.errno) }
}

extension FoundClosure {
    /// Information about each store path. Unknown references are found by scanning.
    ///
    /// - Parameters:
    ///   - hashed: whether unknown hashes and sizes are computed from the files.
    ///   - workers: the number of workers; nil for one per processor.
    public func infos(in store: Store, hashed: Bool, workers: Int? = nil) throws(ClosureError) -> [PathInfo] {
        var known = infos
        if !unrecorded.isEmpty {
            let scanned = try ScanSource(store, workers: workers).infos(ofOnly: unrecorded, among: closure)
            let references = Dictionary(uniqueKeysWithValues: scanned.map { ($0.path, $0) })
            known = known.map { references[$0.path] ?? $0 }
        }
        return hashed ? try known.completed(in: store, workers: workers) : known
    }

    /// The graph of the closure. Its roots are those that the user named. If these do not lead to all of the closure,
    /// the roots that ``ClosureGraph/tops(of:)`` returns for the remaining paths are added.
    ///
    /// - Parameters:
    ///   - hashed: whether each path is to have its hash and its size.
    ///   - workers: the number of workers; nil for one per processor.
    public func graph(in store: Store, hashed: Bool, workers: Int? = nil) throws(ClosureError) -> ClosureGraph {
        let infos = try infos(in: store, hashed: hashed, workers: workers)
        let graph = roots.isEmpty ? nil : try ClosureGraph(infos, roots: roots, in: store)
        if let graph, graph.infos.count == infos.count { return graph }
        let rest = infos.filter { graph?[$0.path] == nil }
        return try ClosureGraph(infos, roots: roots + ClosureGraph.tops(of: rest), in: store)
    }
}
