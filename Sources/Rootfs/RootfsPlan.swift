public import NixClosure
public import SystemCalls

/// What has to be written so that a destination becomes the root file system: made before anything is, so that
/// conflicts cost nothing.
public struct RootfsPlan: Sendable {
    /// What the plan was made from.
    public let spec: RootfsSpec
    /// The destination itself has to be made.
    public let makesDestination: Bool
    /// Directories that repot adds or has added, from the root down; the store's is the last of its own.
    public let directories: [Path]
    /// Symlinks that are not there yet.
    public let symlinks: [RootfsSymlink]
    /// Store paths that are not there yet.
    public let missing: [StorePath]
    /// Staged names of runs that were killed lie in the store.
    let hasLeftovers: Bool

    /// The store's directory from the root of the file system, without a leading slash.
    public var storeDirectory: Path { RootfsContents.relative(spec.store.directory) }

    /// Looks at the destination.
    public init(_ spec: RootfsSpec) throws(RootfsError) {
        self.spec = spec
        let contents = try RootfsContents(store: spec.store, closure: spec.closure, symlinks: spec.symlinks)
        let store = contents.storeDirectory
        directories = contents.directories
        let destination = try DestinationState(spec.destination)
        makesDestination = !destination.exists
        try StoreGuard(spec).check(store, makesDestination: makesDestination)
        try Self.requirePermission(spec)
        for directory in directories { try destination.requireDirectoryOrNothing(directory) }
        var absent: [RootfsSymlink] = []
        for link in contents.symlinks where try !destination.has(link) {
            absent.append(link)
        }
        symlinks = absent
        let present = try destination.names(in: store)
        missing = spec.closure.storePaths.filter { !present.contains($0.baseName) }
        hasLeftovers = present.contains { $0.bytes.starts(with: ".repot-".utf8) }
    }

    /// An ordinary user cannot give files away: refused at once, since chown(2) would fail for each of them.
    private static func requirePermission(_ spec: RootfsSpec) throws(RootfsError) {
        let caller = ProcessState.effectiveOwner
        guard let owner = spec.owner, caller.user != 0 else { return }
        guard owner.user == caller.user, ProcessState.groups.contains(owner.group) else {
            throw RootfsError(
                spec.destination, "only root can stage '\(spec.destination)' for \(owner.user):\(owner.group)")
        }
    }

    /// Whether repot answers for all metadata of the directory: those on the way to the store.
    func isOwn(_ directory: Path) -> Bool { storeDirectory.hasPrefix(directory) }

    /// What would be written, a line each.
    public var lines: [String] {
        let store = "/\(storeDirectory)"
        return directories.map { "directory /\($0)" } + missing.map { "store path \(store)/\($0)" }
            + symlinks.map { "symlink /\($0.path) -> \($0.target)" }
    }
}
