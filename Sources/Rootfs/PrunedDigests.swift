import Nar
import NixClosure
import SystemCalls

extension Pruning {
    /// The archive of what is left of each store path that is not whole.
    func left(in store: StoreView) throws(RootfsError) -> [StorePath: NarDigest] {
        let trees = paths.map { pruned in
            NarTree(
                store.physical(store.store.path(of: pruned.path)), excluding: { pruned.excluded.contains(Path($0)) })
        }
        var left: [StorePath: NarDigest] = [:]
        for (pruned, result) in zip(paths, NarDigests().digests(of: trees)) {
            do throws(NarError) { left[pruned.path] = try result.get() } catch {
                throw RootfsError(error.path, error.description, error.errno)
            }
        }
        return left
    }
}
