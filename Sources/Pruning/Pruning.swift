import FileTree
public import NixClosure
public import SystemCalls

/// What is left out of one store path.
public struct PrunedPath: Hashable, Sendable {
    /// The store path.
    public let path: StorePath
    /// What is left out, with all below it: paths from there.
    public var excluded: Set<Path> = []
    /// How many entries go, those below included.
    public var entries = 0
    /// The content of the regular files among them.
    public var bytes: Int64 = 0
}

/// What is left out of a closure: found by looking at its directories, before anything is written.
public struct Pruning: Sendable {
    /// What was asked for.
    public let globs: [PruneGlob]
    /// Store paths out of which something is left, in byte order.
    public let paths: [PrunedPath]
    /// What matches nothing.
    public let idle: [PruneGlob]
    private let byPath: [StorePath: PrunedPath]

    /// Nothing at all.
    package init() { (globs, paths, idle, byPath) = ([], [], [], [:]) }

    /// Searches a store for entries that the patterns match. Throws an error if a pattern matches a store path.
    package init(_ globs: [PruneGlob], _ closure: Closure, in store: Store) throws(PathError) {
        let tree: GlobTree
        do throws(GlobTree.Excess) { tree = try GlobTree(globs) } catch {
            throw PathError(store.directory, "--prune is given \(error.description); combine some of them")
        }
        try self.init(tree, closure, in: store)
    }

    init(_ tree: GlobTree, _ closure: Closure, in store: Store) throws(PathError) {
        let globs = tree.globs
        var used: Set<Int> = []
        var found: [PrunedPath] = []
        for storePath in globs.isEmpty ? [] : closure.storePaths {
            var search = PruneSearch(storePath, at: store.physicalPath(of: storePath))
            let start = tree.start.advanced(by: Name(storePath.baseName))
            if let whole = tree.globs(at: start.ends).min() {
                let path = store.path(of: storePath)
                throw PathError(
                    path,
                    "--prune '\(globs[whole])' would leave out the whole of \(path.quoted): leave it out of the closure"
                )
            }
            if start.isOver { continue }
            used.formUnion(try search.run(start))
            if !search.found.excluded.isEmpty { found.append(search.found) }
        }
        self.globs = globs
        paths = found
        let usedGlobs = tree.globs(at: used)
        idle = globs.indices.filter { !usedGlobs.contains($0) }.map { globs[$0] }
        byPath = Dictionary(uniqueKeysWithValues: found.map { ($0.path, $0) })
    }

    /// nil for a store path that stays whole.
    public subscript(path: StorePath) -> PrunedPath? { byPath[path] }

    /// Whether something in a store path goes.
    package func isPruned(_ rest: Path, of storePath: StorePath) -> Bool {
        guard let pruned = byPath[storePath] else { return false }
        var here = Path([])
        for name in rest.components {
            here = here.appending(name)
            if pruned.excluded.contains(here) { return true }
        }
        return false
    }
}

/// A walk through one store path.
private struct PruneSearch: ~Copyable {
    private let tree: Path
    private var walk: OrderedWalk
    private(set) var found: PrunedPath

    init(_ storePath: StorePath, at tree: Path) {
        self.tree = tree
        walk = OrderedWalk(Name(tree), in: .current, AccessTimes())
        found = PrunedPath(path: storePath)
    }

    /// Returns the ends of the patterns that matched an entry.
    mutating func run(_ start: GlobProgress) throws(PathError) -> Set<Int> {
        var used: Set<Int> = []
        // One for each directory on the way to the entry.
        var progress = [start]
        var pruned: [UInt8]?
        while let entry = try next() {
            if entry.path.isEmpty { continue }
            let depth = entry.path.count { $0 == Path.slash }
            progress.removeLast(progress.count - 1 - depth)
            let here = progress[depth].advanced(by: entry.name)
            if entry.directory != nil { progress.append(here) }
            used.formUnion(here.ends)
            if let top = pruned, !entry.path.starts(with: top + [Path.slash]) { pruned = nil }
            if pruned == nil, !here.ends.isEmpty {
                pruned = entry.path
                found.excluded.insert(Path(entry.path))
            }
            if pruned != nil { try count(entry) } else if here.isOver { try skip(entry) }
        }
        return used
    }

    private mutating func count(_ entry: WalkEntry) throws(PathError) {
        found.entries += 1
        guard entry.kind == .regular else { return }
        do throws(Errno) {
            let size = try entry.parent.metadata(of: entry.name, following: false).size
            found.bytes = found.bytes.addingSaturated(size)
        } catch { throw .failed("cannot stat", tree.appending(Path(entry.path)), error) }
    }

    private mutating func next() throws(PathError) -> WalkEntry? {
        do throws(WalkFailure) { return try walk.next() } catch { throw failure(error) }
    }

    private mutating func skip(_ entry: WalkEntry) throws(PathError) {
        guard entry.directory != nil else { return }
        do throws(WalkFailure) { try walk.leaveOut() } catch { throw failure(error) }
    }

    private func failure(_ error: WalkFailure) -> PathError {
        .failed("cannot look at", error.path.isEmpty ? tree : tree.appending(Path(error.path)), error.errno)
    }
}
