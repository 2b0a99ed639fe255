import ArgumentParser
import NixClosure
import SystemCalls

/// Which closure, and where it is.
struct ClosureOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The closure: store paths, one a line; - for standard input.", valueName: "file"),
        completion: .file())
    var closure: String?

    @Option(
        name: .customLong("store"), help: ArgumentHelp("The store's directory.", valueName: "dir"),
        completion: .directory)
    var storeDirectory = "/nix/store"

    @Option(
        help: ArgumentHelp("The directory that holds the store, as in Nix's local?root=.", valueName: "dir"),
        completion: .directory)
    var storeRoot: String?

    func store() throws(ClosureError) -> Store {
        try Store(directory: Path(storeDirectory), root: storeRoot.map { Path($0) })
    }

    /// The closure, every path of which is there.
    func find(_ roots: [Path], in store: Store) throws(ClosureError) -> Closure {
        let resolver = RootResolver(store)
        var named: [StorePath] = []
        for root in roots { named.append(try resolver.resolve(root).storePath) }
        let found: Closure
        if let closure {
            found = Closure(try ClosureList(reading: Path(closure), store).storePaths)
            for root in named where !found.contains(root) {
                throw .notListed(store.path(of: root), in: Path(closure))
            }
        } else {
            found = Closure(try NixCommandSource(store).storePaths(of: named))
        }
        try found.check(in: store)
        return found
    }
}
