public import NixClosure
public import Pruning
public import SystemCalls

/// What a root file system holds, wherever it goes: the closure and what repot adds to it.
public struct RootfsContents: Sendable {
    /// The store that the closure is in.
    public let store: Store
    /// The store paths.
    public let closure: Closure
    /// The entries that repot adds, in byte order by component, each directory before its entries. The store's
    /// directory is among them.
    public private(set) var entries: [RootfsEntry]
    /// The paths of the skeleton's entries.
    let defaults: Set<Path>
    /// The registration, if there is one.
    let registration: Registration?
    /// What is left out of the store paths.
    public let pruning: Pruning

    /// The store's directory from the root of the file system, without a leading slash.
    public var storeDirectory: Path { Self.relative(store.directory) }

    /// - Parameter base: the existing root file system, whose symlinks are followed and whose directories stay.
    /// - Throws: All conflicts among the additions, and with the base.
    public init(
        store: Store, closure: Closure, _ additions: RootfsAdditions, on base: RootfsBase? = nil
    ) throws(RootfsConflicts) {
        var conflicts: [PathError] = []
        self.init(store: store, closure: closure, additions, on: base, &conflicts)
        if let conflicts = RootfsConflicts(conflicts) { throw conflicts }
    }

    /// With what is in the way of it.
    init(
        store: Store, closure: Closure, _ additions: RootfsAdditions, on base: RootfsBase? = nil,
        in destination: RootfsMerge = RootfsMerge(), _ conflicts: inout [PathError]
    ) {
        var pruning = Pruning()
        conflicts.collect { () throws(PathError) in pruning = try Pruning(additions.prune, closure, in: store) }
        var view = StoreView(store: store, moved: destination.moved, closure: closure, pruning: pruning)
        if !destination.entries.isEmpty { view.existing = destination.store }
        var tree = RootfsTree(view, on: base, mergingWith: destination.entries)
        for link in additions.symlinks {
            conflicts.collect { () throws(PathError) in try view.requirePresence(of: link) }
            tree.add(RootfsEntry(path: link.path, content: .symlink(target: link.target)), .symlink(link.path))
        }
        tree.add(profiles: additions.profiles, ignoringCollisions: additions.ignoresCollisions)
        if additions.hasSkeleton {
            for entry in ScratchSkeleton.entries { tree.add(entry, .skeleton, rank: Claim.lowestRank) }
            conflicts.collect { () throws(PathError) in
                for entry in try ScratchSkeleton.certificates(view, additions) {
                    tree.add(entry, .skeleton, rank: Claim.lowestRank)
                }
            }
        }
        conflicts += Registration.gaps(additions.registration ?? [], in: store)
        var registration: Registration?
        conflicts.collect { () throws(PathError) in registration = try Self.addRecords(to: &tree, additions, view) }
        self.registration = registration
        entries = tree.settle()
        defaults = tree.defaults
        conflicts += tree.conflicts
        self.store = store
        self.closure = closure
        self.pruning = pruning
    }

    /// Adds the record of pruned entries and the registration. Returns the registration.
    private static func addRecords(
        to tree: inout RootfsTree, _ additions: RootfsAdditions, _ view: StoreView
    ) throws(PathError) -> Registration? {
        let left = try view.pruning.left(in: view)
        if !additions.prune.isEmpty {
            let record = PruneRecord.content(view.pruning, left, in: view.store)
            tree.add(RootfsEntry(path: PruneRecord.path, content: .file(record, mode: 0o444)), .prune)
        }
        guard let infos = additions.registration else { return nil }
        let registration = try Registration(infos, left, in: view.store)
        tree.add(registration.entry, .registration)
        return registration
    }

    /// Gives the registration other content.
    mutating func setRegistration(_ bytes: [UInt8]) {
        guard let index = entries.firstIndex(where: { $0.path == Registration.path }) else { return }
        entries[index] = RootfsEntry(path: Registration.path, content: .file(bytes, mode: Registration.mode.rawValue))
    }

    /// Removes entries that yield to existing ones.
    mutating func removeEntries(_ paths: Set<Path>) {
        if !paths.isEmpty { entries.removeAll { paths.contains($0.path) } }
    }

    static func relative(_ path: Path) -> Path { path.components.reduce(Path([])) { $0.appending($1) } }
}

extension StoreView {
    /// A symlink that leads into what is pruned would lead nowhere.
    fileprivate func requirePresence(of link: RootfsSymlink) throws(PathError) {
        if pruning.paths.isEmpty { return }
        let whole = StoreView(store: store, moved: moved, closure: closure, pruning: Pruning())
        guard try follow(link.target) == nil, try whole.follow(link.target) != nil else { return }
        throw PathError(
            link.path, "\(link.path.inRoot.quoted) is to lead to \(link.target.quoted), which --prune leaves out")
    }
}
