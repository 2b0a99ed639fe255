import ArgumentParser
import NixClosure
import Pruning
import Rootfs
import SystemCalls

/// The options for entries of the root file system outside the closure, and for entries that are left out.
struct RootfsOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A symlink; TARGET may lead through ./result.", valueName: "path=target"))
    var symlink: [String] = []

    @Option(
        help: ArgumentHelp(
            "A directory in the closure, whose entries appear in the root as trees of symlinks: /bin, /etc, ...",
            valueName: "root"),
        completion: .directory)
    var profile: [String] = []

    @Flag(
        help: "Resolve conflicts of profiles by precedence, --symlink first, then profiles in the order of the options."
    )
    var ignoreCollisions = false

    @Flag(
        help: """
            Add /tmp, /etc/passwd, group, nsswitch.conf, hosts and the closure's certificates, unless another option \
            adds them.
            """)
    var skeleton = false

    @Flag(help: "Add or extend /nix-path-registration, which nix-store --load-db reads.")
    var registration = false

    @Option(
        help: ArgumentHelp(
            "Leave out what matches, from the store's directory: '*/share/doc'; ** is any number of folders.",
            valueName: "glob"))
    var prune: [String] = []

    var isGiven: Bool {
        !symlink.isEmpty || !profile.isEmpty || skeleton || registration || !prune.isEmpty
    }

    mutating func validate() throws {
        if ignoreCollisions, profile.isEmpty {
            throw ValidationError("--ignore-collisions requires --profile")
        }
        for glob in prune where PruneGlob(glob) == nil {
            throw ValidationError(
                "--prune takes a pattern from the store's directory, such as '*/share/doc', not '\(glob)'")
        }
    }

    /// The profiles, which are roots of the closure.
    var roots: [Path] { profile.map { Path($0) } }

    func additions(
        in store: Store, _ known: FoundClosure, movedTo moved: Store? = nil, workers: Int?
    ) throws -> RootfsAdditions {
        var additions = RootfsAdditions()
        additions.symlinks = try symlink.map { try SymlinkArgument($0).resolved(in: store, known.closure, moved) }
        additions.profiles = try profile.map {
            let profile = Path($0)
            return store.path(
                of: try ClosureOptions.resolve(in: store, moved) { (resolver) throws(ClosureError) in
                    try resolver.resolve(profile)
                })
        }
        additions.ignoresCollisions = ignoreCollisions
        additions.hasSkeleton = skeleton
        additions.prune = prune.compactMap { PruneGlob($0) }
        if registration { additions.registration = try known.infos(in: store, hashed: true, workers: workers) }
        return additions
    }
}

extension Pruning {
    /// Prints the number and size of pruned entries, and a warning for each pattern that matches nothing.
    func report(isQuiet: Bool) {
        for glob in idle {
            Console.line("repot: warning: --prune '\(glob)' matches nothing in the closure", to: .error)
        }
        let count = paths.reduce(0) { $0 + $1.entries }
        let bytes = paths.reduce(Int64(0)) { $0 + $1.bytes }
        if count > 0, !isQuiet { Console.line("pruned \(count.entries), \(bytes.binaryUnits)", to: .error) }
    }
}
