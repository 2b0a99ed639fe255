import Nar
import NixClosure
import SystemCalls

extension Pruning {
    /// The archive of what is left of each store path that is not whole.
    func left(in store: Store) throws(RootfsError) -> [StorePath: NarLeft] {
        var left: [StorePath: NarLeft] = [:]
        for pruned in paths {
            left[pruned.path] = try Self.digest(store.physicalPath(of: pruned.path), without: pruned.excluded)
        }
        return left
    }

    /// Hashes a tree, with these left out.
    private static func digest(_ tree: Path, without excluded: Set<Path>) throws(RootfsError) -> NarLeft {
        throw RootfsError(tree, "'\(tree)' cannot be pruned: hashing what is left is not built yet")
    }
}
