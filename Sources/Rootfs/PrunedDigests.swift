import Nar
import NixClosure
import Pruning
import SystemCalls

extension Pruning {
    /// The archive of what is left of each store path that is not whole.
    func left(in store: StoreView) throws(PathError) -> [StorePath: NarDigest] {
        let trees = paths.map { pruned in
            NarTree(
                store.physical(store.store.path(of: pruned.path)), excluding: { pruned.excluded.contains(Path($0)) })
        }
        var left: [StorePath: NarDigest] = [:]
        for (pruned, result) in zip(paths, NarDigests().digests(of: trees)) {
            left[pruned.path] = try result.get()
        }
        return left
    }
}
