import NixClosure
import SystemCalls

/// The tree of all claims for entries of a root file system.
///
/// A directory of one profile is one symlink if no other claim is in it, and otherwise a directory of symlinks. Source:
/// nixpkgs, `buildEnv`. At the top there are always directories, since Docker mounts files in /etc.
///
/// A base has directories and symlinks, too. Its directories stay, symlinks on the way are followed, and the entries of
/// the skeleton yield to those of the base.
struct RootfsTree {
    private let view: StoreView
    private let base: RootfsBase?
    private let storeDirectory: Path
    private let root = ClaimNode()
    /// The existing directories and symlinks with which profiles are merged.
    private let existing: [Path: Claim.Content]
    private(set) var conflicts: [PathError] = []
    /// The paths of the entries that only the skeleton claims.
    private(set) var defaults: Set<Path> = []
    private var entries: [LocatedEntry] = []
    /// The directories of the store that were brought together in each directory on the way.
    private var mergedPlaces: [Set<StoreView.Place>] = []

    init(_ view: StoreView, on base: RootfsBase? = nil, mergingWith existing: [Path: Claim.Content] = [:]) {
        self.view = view
        self.base = base
        self.existing = existing
        storeDirectory = RootfsContents.relative(view.store.directory)
        add(storeDirectory, Claim(origin: .store, content: .directory(mode: nil)))
    }

    private func add(_ path: Path, _ claim: Claim) {
        var node = root
        for name in path.components {
            let next = node.children[name] ?? ClaimNode()
            node.children[name] = next
            node = next
        }
        if !node.claims.contains(claim) { node.claims.append(claim) }
    }

    /// Adds a claim for an entry; a claim whose rank is not 0 yields to the entries that the user names.
    func add(_ entry: RootfsEntry, _ origin: RootfsOrigin, rank: Int = 0) {
        let content: Claim.Content =
            switch entry.content {
            case .directory(let mode): .directory(mode: mode)
            case .symlink(let target): .symlink(target: target)
            case .file(let bytes, let mode): .file(bytes, mode: mode)
            }
        add(entry.path, Claim(origin: origin, content: content, rank: rank))
    }

    /// Adds claims for the entries of the profiles that the user names, and then for those of the packages that they
    /// propagate, round by round. Each propagated package yields to the profiles and packages before it.
    ///
    /// - Parameter ignoringCollisions: whether each profile also yields to the profiles that were added before it.
    mutating func add(profiles: [Path], ignoringCollisions: Bool) {
        var added: Set<Path> = []
        var propagated: Set<Path> = []
        var rank = ignoringCollisions ? 1 : 0
        for profile in profiles where added.insert(profile).inserted {
            do throws(PathError) {
                guard try add(profile, rank: rank) else {
                    throw PathError(
                        profile, "--profile takes a directory in the store, and \(profile.quoted) is not one")
                }
                propagated.formUnion(try view.propagatedPackages(of: profile))
            } catch { conflicts.append(error) }
            if ignoringCollisions { rank += 1 }
        }
        while !propagated.isEmpty {
            let pending = propagated.subtracting(added).sorted()
            propagated = []
            for package in pending {
                rank += 1
                added.insert(package)
                do throws(PathError) {
                    // A package that is a file is left out, as `nix-env` does.
                    _ = try add(package, rank: rank)
                    propagated.formUnion(try view.propagatedPackages(of: package))
                } catch { conflicts.append(error) }
            }
        }
    }

    /// Adds claims for the top-level entries of a profile. Returns false if it is not a directory.
    private func add(_ profile: Path, rank: Int) throws(PathError) -> Bool {
        guard let place = try view.follow(profile), place.kind == .directory else { return false }
        let ignored = IgnoredNames(in: Path([]))
        for name in try view.names(in: place) where !ignored.contains(name) {
            add(name, Claim(origin: .profile(profile), content: .stored(place.path.appending(name)), rank: rank))
        }
        return true
    }

    /// All entries, a directory before what is in it, and no conflict unless `conflicts` has it.
    mutating func settle() -> [RootfsEntry] {
        entries = []
        settleChildren(of: root, at: .root)
        return base == nil ? entries.map(\.entry) : entries.merged(&conflicts)
    }

    private mutating func settleChildren(of node: ClaimNode, at site: RootfsSite) {
        for (name, child) in node.children.sorted(by: { $0.key < $1.key }) { settle(child, at: site.appending(name)) }
    }

    private mutating func settle(_ node: ClaimNode, at site: RootfsSite) {
        let found = site.isInBase ? base?.entry(site.location) : nil
        if let found, node.isSkeleton, node.children.isEmpty || !found.isDirectory { return }
        let path = site.path
        do throws(PathError) {
            if path == storeDirectory { return try settleStore(node, at: site, found) }
            addExisting(to: node, at: path)
            try removeYieldingClaims(of: node)
            let isWanted = node.claims.contains { if case .directory = $0.content { true } else { false } }
            if isWanted || !node.children.isEmpty { return try settleDirectory(node, at: site, found) }
            // At the top a directory is never a symlink, unless the user names it; nor is a directory of the base.
            let isKept = path.components.count == 1 || found?.isDirectory ?? false
            let directories = node.claims.count > 1 || isKept ? try directories(node) : []
            if directories.count == node.claims.count, isKept || Set(directories).count > 1 {
                return try settleDirectory(node, at: site, found)
            }
            let content = try agreement(node, at: path)
            if let found { try node.requireReplaceable(found, at: path) }
            append(content, at: site.location, node)
            if node.ranks?.lowerBound == Claim.lowestRank { defaults.insert(path) }
        } catch { conflicts.append(error) }
    }

    private mutating func append(_ content: RootfsEntry.Content, at location: Path, _ node: ClaimNode) {
        let claim = node.claims.first ?? node.inhabitant
        entries.append(
            LocatedEntry(entry: RootfsEntry(path: location, content: content), words: claim?.words ?? "the store"))
    }

    /// Adds the existing entry, if only profiles claim the path.
    private func addExisting(to node: ClaimNode, at path: Path) {
        guard let content = existing[path],
            node.claims.allSatisfy({ if case .stored = $0.content { true } else { false } })
        else { return }
        node.claims.insert(Claim(origin: .destination, content: content), at: 0)
    }

    /// Removes the claims that yield to others. Directories are merged whatever their rank.
    private func removeYieldingClaims(of node: ClaimNode) throws(PathError) {
        if node.claims.count < 2, node.children.isEmpty { return }
        guard let ranks = node.ranks, ranks.lowerBound < ranks.upperBound else { return }
        let first = ranks.lowerBound
        var kept: [Claim] = []
        var isDirectory = true
        for claim in node.claims where claim.rank == first {
            kept.append(claim)
            if try !leadsToDirectory(claim) { isDirectory = false }
        }
        if isDirectory {
            for claim in node.claims where claim.rank != first {
                if try leadsToDirectory(claim) { kept.append(claim) }
            }
        } else {
            node.removeChildren(yieldingTo: first)
        }
        node.claims = kept
    }

    private func leadsToDirectory(_ claim: Claim) throws(PathError) -> Bool {
        switch claim.content {
        case .directory: true
        case .stored(let stored): try view.follow(stored)?.kind == .directory
        case .symlink, .file: false
        }
    }

    /// Adds the directory of the store, which contains store paths only.
    private mutating func settleStore(
        _ node: ClaimNode, at site: RootfsSite, _ found: RootfsBase.Entry?
    ) throws(PathError) {
        let place = try node.site(of: site, found)
        append(.directory(mode: Self.plainMode), at: place.location, node)
        let others = node.claims.filter { $0.origin != .store } + (node.inhabitant.map { [$0] } ?? [])
        for claim in others {
            conflicts.append(
                PathError(
                    storeDirectory,
                    "\(claim.words) is in the store \(storeDirectory.inRoot.quoted), which holds store paths only")
            )
        }
    }

    private static let plainMode: UInt32 = 0o755

    private mutating func settleDirectory(
        _ node: ClaimNode, at site: RootfsSite, _ found: RootfsBase.Entry?
    ) throws(PathError) {
        let path = site.path
        let place = try node.site(of: site, found)
        let inhabitant = node.inhabitant
        var modes: [UInt32] = []
        var places: Set<StoreView.Place> = []
        var stored: [(Claim, StoreView.Place)] = []
        for claim in node.claims {
            switch claim.content {
            case .directory(let mode): if let mode { modes.append(mode) }
            case .stored(let path):
                guard let place = try view.follow(path), place.kind == .directory else {
                    throw Self.notDirectory(site.path, claim, inhabitant)
                }
                places.insert(place)
                stored.append((claim, place))
            case .symlink, .file: throw Self.notDirectory(path, claim, inhabitant)
            }
        }
        // A directory that only one profile has keeps all names, as the symlink to it would.
        let isMerged = places.count > 1 || found != nil || node.claims.contains { $0.origin == .destination }
        let ignored = isMerged ? IgnoredNames(in: path) : nil
        for (claim, place) in stored {
            node.add(try view.names(in: place).filter { ignored?.contains($0) != true }, in: place.path, for: claim)
        }
        // Directories that were already merged further up have the same entries again, without an end.
        if places.count > 1, mergedPlaces.contains(places) { throw Self.endless(path, node.claims) }
        append(.directory(mode: modes.first ?? Self.plainMode), at: place.location, node)
        let count = entries.count
        mergedPlaces.append(places)
        settleChildren(of: node, at: place)
        mergedPlaces.removeLast()
        // A directory of the base to which nothing is added is left out.
        if found != nil, place.isInBase, entries.count == count { entries.removeLast() }
    }

    private static func endless(_ path: Path, _ claims: [Claim]) -> PathError {
        let sides = claims.map(\.words).joined(separator: " and ")
        return PathError(path, "\(path.inRoot.quoted) leads back to where it lies in \(sides): leave out one of them")
    }

    private static func notDirectory(_ path: Path, _ claim: Claim, _ inhabitant: Claim?) -> PathError {
        let other = inhabitant.map { "\($0.words) is below it" } ?? "a directory is needed there"
        return PathError(
            path,
            "\(path.inRoot.quoted) of \(claim.words) is not a directory, and \(other); \(remedy([claim, inhabitant]))")
    }

    private static func remedy(_ claims: [Claim?]) -> String {
        let isOfProfile = claims.contains { if case .profile = $0?.origin { true } else { false } }
        return "leave out one of them"
            + (isOfProfile ? ", or let the one that is named first win with --ignore-collisions" : "")
    }

    /// The directories in the store to which claims lead.
    private func directories(_ node: ClaimNode) throws(PathError) -> [StoreView.Place] {
        var directories: [StoreView.Place] = []
        for claim in node.claims {
            guard case .stored(let stored) = claim.content, let place = try view.follow(stored),
                place.kind == .directory
            else { continue }
            directories.append(place)
        }
        return directories
    }

    /// The entry that satisfies all claims: that of the first one, unless another one differs.
    private func agreement(_ node: ClaimNode, at path: Path) throws(PathError) -> RootfsEntry.Content {
        let own = node.claims.first { if case .stored = $0.content { false } else { true } }
        guard let chosen = own ?? node.claims.first else { return .directory(mode: Self.plainMode) }
        for other in node.claims where try !isSame(chosen, other) {
            let sides = [chosen, other].map(\.words).joined(separator: " and ")
            throw PathError(
                path, "\(path.inRoot.quoted) is different in \(sides): \(Self.remedy([chosen, other]))")
        }
        switch chosen.content {
        case .directory(let mode): return .directory(mode: mode ?? Self.plainMode)
        case .symlink(let target): return .symlink(target: target)
        case .file(let bytes, let mode): return .file(bytes, mode: mode)
        case .stored(let stored): return try view.copyForRuntime(of: stored, at: path) ?? .symlink(target: stored)
        }
    }

    /// Whether both lead to the same entry, to regular files of equal mode and content, or to the same absent path.
    private func isSame(_ one: Claim, _ other: Claim) throws(PathError) -> Bool {
        if one.content == other.content { return true }
        let (first, second) = (try view.end(of: one.content), try view.end(of: other.content))
        return first != nil && first == second
    }
}
