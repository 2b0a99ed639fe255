public import SystemCalls
public import Tar

/// The root file system of a base image outside the store, as far as additions depend on it: its directories, its
/// symlinks, and the other entries that have the name of an addition.
public struct BaseTree: Sendable {
    /// An entry of the base, as additions see it.
    public enum Entry: Sendable, Hashable {
        /// A directory.
        case directory
        /// A symlink that leads to this directory.
        case link(to: Path)
        /// An entry that cannot contain additions: the text describes it, such as "a file". The location is the path to
        /// which a symlink leads if no directory exists there; nil for other entries.
        case other(String, location: Path?)
    }

    /// The maximum number of symlinks in a path, as in the kernel. Source: path_resolution(7).
    private static let maxLinks = 40

    /// The directory of the store in the base. Entries in it are not part of the tree.
    let store: Path
    private var entries: [Path: LayerTree.Entry] = [:]

    package init(store: Path) { self.store = store }

    /// The entry at a path that leads through no symlink; nil if there is none.
    public func entry(at path: Path) -> Entry? {
        switch entries[path] {
        case nil: nil
        case .directory: .directory
        case .other: .other("a file", location: nil)
        case .symlink(let target): entry(at: path, target)
        }
    }

    func hasFile(at path: Path) -> Bool { entries[path] == .other }

    /// Follows the symlink at a path to its end.
    private func entry(at path: Path, _ target: Path) -> Entry {
        var reached = path.components.dropLast().map(\.self)
        var pending: [Path] = []
        var links = 0
        func follow(_ target: Path) {
            links += 1
            if target.isAbsolute { reached = [] }
            pending += target.components.reversed()
        }
        func unusable(_ reason: String, hasLocation: Bool = true) -> Entry {
            let location = Path(joining: reached + pending.reversed()).normal
            return .other("a symlink to \(target.quoted), \(reason)", location: hasLocation ? location : nil)
        }
        follow(target)
        while let name = pending.popLast() {
            if name == ".." {
                if reached.isEmpty { return unusable("which leads out of the root file system") }
                reached.removeLast()
                continue
            }
            let here = Path(joining: reached + [name])
            if here != store, here.hasPrefix(store) {
                return unusable("which leads into the store", hasLocation: false)
            }
            switch entries[here] {
            case .directory: reached.append(name)
            case .symlink(let next):
                if links == Self.maxLinks { return unusable("which leads back to itself", hasLocation: false) }
                follow(next)
            case nil, .other:
                pending.append(name)
                return unusable("which leads to no directory", hasLocation: entries[here] == nil)
            }
        }
        return .link(to: Path(joining: reached))
    }

    /// Returns the items and the directories that lead to them. A directory that the base has keeps its metadata:
    /// overlay2 would create a directory that is left out as root's, with mode 0755.
    public func addingDirectories(to items: [ArchiveItem]) -> [ArchiveItem] {
        var known = Set(items.map(\.path))
        var result = items.map { $0.content.isDirectory ? directory(at: $0.path) ?? $0 : $0 }
        for item in items {
            var parent = item.path.components.dropLast()
            while !parent.isEmpty, known.insert(Path(joining: parent)).inserted {
                let path = Path(joining: parent)
                result.append(directory(at: path) ?? ArchiveItem(path, .directory(mode: 0o755)))
                parent = parent.dropLast()
            }
        }
        return result
    }

    private func directory(at path: Path) -> ArchiveItem? {
        guard case .directory(let metadata) = entries[path] else { return nil }
        return ArchiveItem(path, .existingDirectory(metadata ?? DirectoryMetadata()))
    }
}

// MARK: - Layers

extension BaseTree {
    /// Applies the changes of a layer on top of those before.
    package mutating func apply(_ layer: LayerTree) {
        if entries.isEmpty {
            entries = layer.entries
            return
        }
        var removed = layer.removed
        for (path, entry) in layer.entries where !entry.isDirectory {
            if entries[path]?.isDirectory ?? false { removed.insert(path) }
        }
        if !removed.isEmpty || !layer.emptied.isEmpty { remove(removed, entriesOf: layer.emptied) }
        // A directory that the layer only implies remains as it is below.
        entries.merge(layer.entries) { lower, upper in upper == .directory(nil) ? lower : upper }
    }

    /// Removes entries and all below them. Source: OCI image specification, layer.md, 'Whiteouts'.
    private mutating func remove(_ removed: Set<Path>, entriesOf emptied: Set<Path>) {
        entries = entries.filter { path, _ in
            var above = Path([])
            return path.components.allSatisfy { name in
                let isHidden = emptied.contains(above)
                above = above.appending(name)
                return !isHidden && !removed.contains(above)
            }
        }
    }
}

extension LayerTree.Entry {
    fileprivate var isDirectory: Bool { if case .directory = self { true } else { false } }
}
