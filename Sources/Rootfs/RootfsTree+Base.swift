import SystemCalls

/// An entry at its location in the base, and the name of the option that requires it.
struct LocatedEntry {
    let entry: RootfsEntry
    let words: String
}

extension [LocatedEntry] {
    /// The entries in byte order by component, each location once. Several paths can lead to one location of a base,
    /// through its symlinks.
    func merged(_ conflicts: inout [PathError]) -> [RootfsEntry] {
        var merged: [LocatedEntry] = []
        for next in sorted(by: { $0.entry.path.precedes($1.entry.path) }) where !next.entry.path.bytes.isEmpty {
            guard let last = merged.last, next.entry.path.hasPrefix(last.entry.path) else {
                merged.append(next)
                continue
            }
            let isSame = next.entry.path == last.entry.path
            if isSame, next.entry.content == last.entry.content || next.entry.isDirectory && last.entry.isDirectory {
                continue
            }
            if isSame || !last.entry.isDirectory {
                conflicts.append(
                    PathError(
                        last.entry.path,
                        "\(last.words) and \(next.words) both lead to \(last.entry.path.inRoot.quoted) in the base; leave "
                            + "out one of them"))
            }
            merged.append(next)
        }
        return merged.map(\.entry)
    }
}

extension Path {
    fileprivate func precedes(_ other: Path) -> Bool { components.lexicographicallyPrecedes(other.components) }
}

extension RootfsBase.Entry {
    var isDirectory: Bool {
        switch self {
        case .directory, .link: true
        case .other: false
        }
    }
}

extension ClaimNode {
    /// Whether all claims here and below are those of the skeleton.
    var isSkeleton: Bool {
        claims.allSatisfy { $0.origin == .skeleton } && children.values.allSatisfy(\.isSkeleton)
    }

    private var isOfProfile: Bool { claims.contains { if case .stored = $0.content { true } else { false } } }

    /// The site of a directory. A profile replaces a file of the base, and a symlink that leads into the store.
    ///
    /// - Throws: An error if the base has an entry there that cannot contain others.
    func site(of site: RootfsSite, _ existing: RootfsBase.Entry?) throws(PathError) -> RootfsSite {
        switch existing {
        case nil: return site.moved(to: site.location, isInBase: false)
        case .directory: return site
        case .link(let location): return site.moved(to: location, isInBase: true)
        case .other(_, location: nil) where isOfProfile: return site.moved(to: site.location, isInBase: false)
        case .other(let text, let location):
            let claim = inhabitant ?? claims.first
            throw PathError(
                site.path,
                "the base has \(site.path.inRoot.quoted) as \(text); \(claim?.words ?? "the store") needs a directory "
                    + "there; \(Self.remedy(claim, at: site.path, location))")
        }
    }

    private static func remedy(_ claim: Claim?, at path: Path, _ location: Path?) -> String {
        guard let location else { return "choose another path or another base" }
        if case .symlink(let link) = claim?.origin {
            let rest = link.components.dropFirst(path.components.count)
            return "use \(Path(joining: location.components + rest).inRoot.quoted)"
        }
        return "use a base with the directory \(location.inRoot.quoted)"
    }

    /// Throws an error unless the entry of the base may be replaced: files and symlinks may, and a symlink that leads
    /// to a directory only by `--symlink` with its path.
    func requireReplaceable(_ existing: RootfsBase.Entry, at path: Path) throws(PathError) {
        guard let claim = claims.first else { return }
        if case .link = existing, case .symlink = claim.origin { return }
        guard existing.isDirectory else { return }
        throw PathError(
            path,
            "the base has the directory \(path.inRoot.quoted), which \(claim.words) would replace; choose another path")
    }
}
