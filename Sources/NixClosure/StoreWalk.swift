import SystemCalls

/// Follows a path name by name as the kernel does, since the kernel would not say where it enters the store,
/// and cannot know that links of a store below another root mean paths below that root.
struct StoreWalk {
    /// As in the kernel. Source: path_resolution(7).
    private static let mostLinks = 40

    private let store: Store
    private let operand: Path
    private let storeIdentity: FileIdentity?
    private let rootIdentity: FileIdentity?

    /// The names from `/` to where the walk is; no symlink is among those that it took.
    private var reached: [Path] = []
    /// The names still to take, the next one last.
    private var pending: [Path] = []
    /// How many of `reached` name the store's directory, and the store's root, while the walk is in there.
    private var storeDepth: Int?
    private var rootDepth: Int?
    private var links = 0
    private var found: ResolvedRoot?

    init(_ store: Store, _ operand: Path) throws(ClosureError) {
        self.store = store
        self.operand = operand
        storeIdentity = try Self.identity(of: store.physicalDirectory)
        rootIdentity = if let root = store.root { try Self.identity(of: root) } else { nil }
        enter(operand.isAbsolute ? operand : try Self.workingDirectory().appending(operand))
    }

    mutating func run() throws(ClosureError) -> ResolvedRoot {
        while let name = pending.popLast() { try take(name) }
        guard let found else { throw .outside(operand, store) }
        return found
    }

    private var here: Path { reached.reduce("/") { $0.appending($1) } }

    /// Begins anew at an absolute path. One below the logical store is in the store, wherever that is.
    private mutating func enter(_ path: Path) {
        let names = path.components
        let logical = store.directory.components
        let isLogical = names.starts(with: logical) && names.count > logical.count
        reached = isLogical ? store.physicalDirectory.components : []
        storeDepth = isLogical ? reached.count : nil
        rootDepth = isLogical ? store.root.map { $0.components.count } : nil
        pending = names.dropFirst(isLogical ? logical.count : 0).reversed()
    }

    private mutating func take(_ name: Path) throws(ClosureError) {
        if name == ".." { return climb() }
        if storeDepth == reached.count, found == nil { found = try location(name) }
        let metadata = try inspect(here.appending(name))
        // A symlink at the end of a place in the store is that place.
        if metadata.kind == .symlink, found == nil || !pending.isEmpty {
            return try follow(here.appending(name))
        }
        reached.append(name)
        if metadata.identity == rootIdentity { rootDepth = reached.count }
        if metadata.identity == storeIdentity { storeDepth = reached.count }
    }

    private mutating func climb() {
        if !reached.isEmpty { reached.removeLast() }
        if let depth = storeDepth, reached.count < depth { storeDepth = nil }
        if let depth = rootDepth, reached.count < depth { rootDepth = nil }
    }

    /// nil for a path that goes on to leave the store path by `..`.
    private func location(_ name: Path) throws(ClosureError) -> ResolvedRoot? {
        var depth = 0
        for next in pending.reversed() {
            depth += next == ".." ? -1 : 1
            if depth < 0 { return nil }
        }
        guard let storePath = StorePath(baseName: name) else {
            throw .invalid(store.directory.appending(name))
        }
        return ResolvedRoot(
            storePath: storePath, rest: pending.reversed().reduce(Path([])) { $0.appending($1) })
    }

    private mutating func follow(_ link: Path) throws(ClosureError) {
        links += 1
        guard links <= Self.mostLinks else { throw .failed("cannot follow", operand, .loop) }
        let target: Path
        do throws(Errno) { target = Path(try Directory.current.readLink(Name(link)).bytes) } catch {
            throw .failed("cannot read symbolic link", link, error)
        }
        guard target.isAbsolute else { return pending += target.components.reversed() }
        let rest = pending
        let root = rootDepth.map { Array(reached.prefix($0)) }
        enter(target)
        if let root, storeDepth == nil { (reached, rootDepth) = (root, root.count) }
        pending = rest + pending
    }

    private func inspect(_ path: Path) throws(ClosureError) -> Metadata {
        do throws(Errno) { return try Directory.current.metadata(of: Name(path), following: false) } catch {
            guard error == .notFound || error == .notDirectory else {
                throw .failed("cannot stat", path, error)
            }
            guard let found else { throw .failed("cannot find", operand, error) }
            throw .missing(store.path(of: found), store)
        }
    }

    /// nil for what is not there: then nothing that exists is in it.
    private static func identity(of path: Path) throws(ClosureError) -> FileIdentity? {
        do throws(Errno) { return try Directory.current.metadata(of: Name(path), following: true).identity } catch {
            guard error == .notFound || error == .notDirectory else {
                throw .failed("cannot stat", path, error)
            }
            return nil
        }
    }

    private static func workingDirectory() throws(ClosureError) -> Path {
        do throws(Errno) { return try ProcessState.workingDirectory() } catch {
            throw .failed("cannot find", "the working directory", error)
        }
    }
}
