import NixClosure
import SystemCalls

/// All that is wanted in a root file system, brought together as one tree.
///
/// A folder of a profile is one symlink as long as nothing else lies in it; then it is a directory of symlinks. Source:
/// nixpkgs, `buildEnv`. At the top there are always directories, since Docker mounts files in /etc.
struct RootfsTree {
    private let view: StoreView
    private let storeDirectory: Path
    private let root = ClaimNode()
    private(set) var conflicts: [PathError] = []
    private var entries: [RootfsEntry] = []
    /// The directories of the store that were brought together in each directory on the way.
    private var merged: [Set<StoreView.Place>] = []

    init(_ view: StoreView) {
        self.view = view
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
    /// propagate, round by round. Each propagated package yields to all that were added before it.
    mutating func add(profiles: [Path]) {
        var added: Set<Path> = []
        var pending = profiles
        var rank = 0
        while !pending.isEmpty {
            var propagated: Set<Path> = []
            for profile in pending where added.insert(profile).inserted {
                do throws(PathError) {
                    try add(profile, rank: rank)
                    propagated.formUnion(try view.propagatedPackages(of: profile))
                } catch { conflicts.append(error) }
                if rank > 0 { rank += 1 }
            }
            if rank == 0 { rank = 1 }
            pending = propagated.sorted()
        }
    }

    /// Adds claims for the top-level entries of a profile. A propagated package that is a file is left out, as
    /// `nix-env` does.
    private func add(_ profile: Path, rank: Int) throws(PathError) {
        guard let place = try view.follow(profile), place.kind == .directory else {
            if rank > 0 { return }
            throw PathError(profile, "--profile takes a directory in the store, and \(profile.quoted) is not one")
        }
        for name in try names(in: place, at: Path([])) {
            add(name, Claim(origin: .profile(profile), content: .stored(place.path.appending(name)), rank: rank))
        }
    }

    /// The names in a directory of the store that are merged into a directory of the root file system.
    private func names(in place: StoreView.Place, at path: Path) throws(PathError) -> [Path] {
        let ignored = IgnoredNames(in: path)
        return try view.names(in: place).filter { !ignored.contains($0) }
    }

    /// All entries, a directory before what is in it, and no conflict unless `conflicts` has it.
    mutating func settle() -> [RootfsEntry] {
        entries = []
        settleChildren(of: root, at: Path([]))
        return entries
    }

    private mutating func settleChildren(of node: ClaimNode, at path: Path) {
        for (name, child) in node.children.sorted(by: { $0.key < $1.key }) { settle(child, at: path.appending(name)) }
    }

    private mutating func settle(_ node: ClaimNode, at path: Path) {
        if path == storeDirectory { return settleStore(node) }
        do throws(PathError) {
            try removeYieldingClaims(of: node)
            let isWanted = node.claims.contains { if case .directory = $0.content { true } else { false } }
            if isWanted || !node.children.isEmpty { return try settleDirectory(node, at: path) }
            // At the top a folder is never a symlink, unless somebody says so.
            let isTop = path.components.count == 1
            let folders = node.claims.count > 1 || isTop ? try folders(node) : []
            if folders.count == node.claims.count, isTop || Set(folders).count > 1 {
                return try settleDirectory(node, at: path)
            }
            entries.append(RootfsEntry(path: path, content: try agreement(node, at: path)))
        } catch { conflicts.append(error) }
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

    /// Store paths and nothing else.
    private mutating func settleStore(_ node: ClaimNode) {
        entries.append(RootfsEntry(path: storeDirectory, content: .directory(mode: Self.plainMode)))
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

    private mutating func settleDirectory(_ node: ClaimNode, at path: Path) throws(PathError) {
        let inhabitant = node.inhabitant
        var modes: [UInt32] = []
        var places: Set<StoreView.Place> = []
        for claim in node.claims {
            switch claim.content {
            case .directory(let mode): if let mode { modes.append(mode) }
            case .stored(let stored):
                guard let place = try view.follow(stored), place.kind == .directory else {
                    throw Self.notDirectory(path, claim, inhabitant)
                }
                places.insert(place)
                node.add(try names(in: place, at: path), in: place.path, for: claim)
            case .symlink, .file: throw Self.notDirectory(path, claim, inhabitant)
            }
        }
        // The same directories as further up, brought together, have the same in them, and so on for ever.
        if places.count > 1, merged.contains(places) { throw Self.endless(path, node.claims) }
        entries.append(RootfsEntry(path: path, content: .directory(mode: modes.first ?? Self.plainMode)))
        merged.append(places)
        settleChildren(of: node, at: path)
        merged.removeLast()
    }

    private static func endless(_ path: Path, _ claims: [Claim]) -> PathError {
        let sides = claims.map(\.words).joined(separator: " and ")
        return PathError(path, "\(path.inRoot.quoted) leads back to where it lies in \(sides): leave out one of them")
    }

    private static func notDirectory(_ path: Path, _ claim: Claim, _ inhabitant: Claim?) -> PathError {
        let other = inhabitant.map { "\($0.words) lies in it" } ?? "a directory is wanted there"
        return PathError(
            path, "\(path.inRoot.quoted) cannot be what \(claim.words) wants: \(other); leave out one of them")
    }

    /// Where those claims lead that lead to directories in the store.
    private func folders(_ node: ClaimNode) throws(PathError) -> [StoreView.Place] {
        var folders: [StoreView.Place] = []
        for claim in node.claims {
            guard case .stored(let stored) = claim.content, let place = try view.follow(stored),
                place.kind == .directory
            else { continue }
            folders.append(place)
        }
        return folders
    }

    /// What all claims can live with: the first, unless another differs.
    private func agreement(_ node: ClaimNode, at path: Path) throws(PathError) -> RootfsEntry.Content {
        let own = node.claims.first { if case .stored = $0.content { false } else { true } }
        guard let chosen = own ?? node.claims.first else { return .directory(mode: Self.plainMode) }
        for other in node.claims where try !isSame(chosen, other) {
            let sides = [chosen, other].map(\.words).joined(separator: " and ")
            throw PathError(path, "\(path.inRoot.quoted) is different in \(sides): leave out one of them")
        }
        switch chosen.content {
        case .directory(let mode): return .directory(mode: mode ?? Self.plainMode)
        case .symlink(let target): return .symlink(target: target)
        case .file(let bytes, let mode): return .file(bytes, mode: mode)
        case .stored(let stored): return .symlink(target: stored)
        }
    }

    /// The same in the end: one place, or regular files of equal mode and content, or symlinks to one nowhere.
    private func isSame(_ one: Claim, _ other: Claim) throws(PathError) -> Bool {
        if one.content == other.content { return true }
        let (first, second) = (try view.end(of: one.content), try view.end(of: other.content))
        return first != nil && first == second
    }
}

/// What a claim comes to.
private enum ClaimEnd: Hashable {
    case place(StoreView.Place)
    case file([UInt8], mode: UInt32)
    case nowhere(Path)
}

extension StoreView {
    /// The packages that a package wants to be installed with it. Source: nixpkgs, `buildEnv`.
    fileprivate func propagatedPackages(of profile: Path) throws(PathError) -> [Path] {
        let file = profile.appending("nix-support/propagated-user-env-packages")
        guard let place = try follow(file), place.kind == .regular else { return [] }
        return try content(of: place).split { $0 <= UInt8(ascii: " ") }.map { Path($0) }
    }

    /// nil for a directory of the root's own.
    fileprivate func end(of content: Claim.Content) throws(PathError) -> ClaimEnd? {
        switch content {
        case .directory: return nil
        case .file(let bytes, let mode): return .file(bytes, mode: mode)
        case .symlink(let target):
            guard let place = try follow(target) else { return .nowhere(target) }
            return try end(at: place)
        case .stored(let stored):
            guard let place = try follow(stored) else { return .nowhere(try readLink(stored)) }
            return try end(at: place)
        }
    }

    private func end(at place: Place) throws(PathError) -> ClaimEnd {
        guard place.kind == .regular else { return .place(place) }
        return .file(try self.content(of: place), mode: place.mode.rawValue)
    }
}
