public import NixClosure
public import Pruning
public import SystemCalls

/// What a root file system has beside the closure, and lacks of it.
public struct RootfsAdditions: Sendable {
    /// Symlinks beside the store.
    public var symlinks: [RootfsSymlink] = []
    /// Directories in the closure, by the names that references use. Their entries appear in the root file system as
    /// symlinks.
    public var profiles: [Path] = []
    /// Whether a profile yields to symlinks and to the profiles before it, instead of being in conflict with them.
    public var ignoresCollisions = false
    /// What programs expect and an empty root lacks: /tmp, /etc/passwd and the like.
    public var hasSkeleton = false
    /// What is registered in `/nix-path-registration`: all paths of the closure, with hashes and sizes. nil for no such
    /// file.
    public var registration: [PathInfo]?
    /// What is left out of the store paths.
    public var prune: [PruneGlob] = []

    /// No additions.
    public init() {}

    /// Whether there may be symlinks or directories beside the store.
    var hasEntries: Bool { hasSkeleton || !symlinks.isEmpty || !profiles.isEmpty }

    /// The names in the paths of all entries but those of profiles.
    public var names: Set<Path> {
        var paths = symlinks.map(\.path)
        if hasSkeleton { paths += ScratchSkeleton.paths }
        if registration != nil { paths.append(Registration.path) }
        if !prune.isEmpty { paths.append(PruneRecord.path) }
        return Set(paths.flatMap(\.components))
    }
}
