import SystemCalls

/// Follows a path name by name as the kernel does. The kernel does not report where a path enters the store, and does
/// not know that absolute links of a store below another root mean paths below that root.
struct StoreWalk {
    /// The treatment of a symlink at the end of a path whose text is not in the store.
    enum LastLink {
        /// The symlink is kept: it is a location in the store path on the way.
        case kept
        /// The path is replaced by the target of the symlink. Source: Nix, `Store::followLinksToStore`.
        case followed
    }

    /// As in the kernel. Source: path_resolution(7).
    private static let mostLinks = 40

    private let store: Store
    private let operand: Path
    private let lastLink: LastLink
    private let storeIdentity: FileIdentity?
    private let rootIdentity: FileIdentity?

    /// The text of the path: that of the operand, or of the target of the last link that ended it.
    private var text: Path
    /// The number of links that ended the path and were followed.
    private var lastLinks = 0
    /// The names from `/` to the present position; no symlink is among them.
    private var reached: [Path] = []
    /// The names that remain, the next one last.
    private var pending: [Path] = []
    /// The number of names in `reached` that lead to the store's directory, and to the store's root, while the walk is
    /// below it.
    private var storeDepth: Int?
    private var rootDepth: Int?
    private var links = 0
    private var found: ResolvedRoot?
    /// Whether the path entered the store without a link, so that its text is in the store.
    private var isTextInStore = false

    init(_ store: Store, _ operand: Path, _ lastLink: LastLink) throws(ClosureError) {
        self.store = store
        self.operand = operand
        self.lastLink = lastLink
        storeIdentity = try Self.identity(of: store.physicalDirectory)
        rootIdentity = if let root = store.root { try Self.identity(of: root) } else { nil }
        text = operand.isAbsolute ? operand : try Self.workingDirectory().appending(operand)
        enter(text)
    }

    mutating func run() throws(ClosureError) -> ResolvedRoot {
        while let name = pending.popLast() { try take(name) }
        guard let found else { throw .outside(operand, store) }
        return found
    }

    private var here: Path { reached.reduce("/") { $0.appending($1) } }

    /// Continues at an absolute path. A path below the logical store is in the store, wherever that is.
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
        if storeDepth == reached.count, found == nil {
            found = try location(name)
            isTextInStore = links == lastLinks || isBelowPhysicalStore(text)
        }
        let link = here.appending(name)
        let metadata = try inspect(link)
        if metadata.kind == .symlink {
            if pending.isEmpty, lastLink == .followed, !isTextInStore { return try restart(at: link) }
            if found == nil || !pending.isEmpty { return try follow(link) }
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

    private func isBelowPhysicalStore(_ path: Path) -> Bool {
        path.components.starts(with: store.physicalDirectory.components)
    }

    private mutating func follow(_ link: Path) throws(ClosureError) {
        let target = try target(of: link)
        guard target.isAbsolute else { return pending += target.components.reversed() }
        let rest = pending
        let root = rootDepth.map { Array(reached.prefix($0)) }
        enter(target)
        if let root, storeDepth == nil { (reached, rootDepth) = (root, root.count) }
        pending = rest + pending
    }

    /// Replaces the path by the target of the link that ends it. `..` removes a name of the text, as in Nix.
    private mutating func restart(at link: Path) throws(ClosureError) {
        links = lastLinks
        let target = try target(of: link)
        lastLinks = links
        if target.isAbsolute {
            text = rootDepth == nil ? target : store.physical(target)
        } else {
            text = Path("/").appending(text.parent.appending(target).normal)
        }
        (found, rootDepth) = (nil, nil)
        enter(text)
    }

    private mutating func target(of link: Path) throws(ClosureError) -> Path {
        links += 1
        guard links <= Self.mostLinks else { throw .failed("cannot follow", operand, .loop) }
        do throws(Errno) { return Path(try Directory.current.readLink(Name(link)).bytes) } catch {
            throw .failed("cannot read symbolic link", link, error)
        }
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

    /// Returns nil if there is no such file: then no existing path is below it.
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
