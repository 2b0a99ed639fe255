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
    /// The entries in the store of the layers that were read to their end, by their first name.
    private var storeEntries: [Path: StoreEntry] = [:]
    /// The number of entries of all layers so far, and of the tree for each layer that removes entries.
    private var comparisons = 0
    /// The maximum number of comparisons, which takes some seconds.
    private static let maxComparisons = 1 << 24

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

    package func hasFile(at path: Path) -> Bool { entries[path] == .other }

    /// The end of a symlink.
    private struct LinkEnd {
        enum Kind { case directory, missing, other, store, loop, outside }

        let kind: Kind
        /// The path that was reached, and the components that were not followed.
        let path: Path
    }

    /// Follows a symlink at a path to its end.
    private func end(of path: Path, _ target: Path) -> LinkEnd {
        var reached = path.components.dropLast().map(\.self)
        var pending: [Path] = []
        var links = 0
        func follow(_ target: Path) {
            links += 1
            if target.isAbsolute { reached = [] }
            pending += target.components.reversed()
        }
        func end(_ kind: LinkEnd.Kind) -> LinkEnd {
            LinkEnd(kind: kind, path: Path(joining: reached + pending.reversed()).normal)
        }
        follow(target)
        while let name = pending.popLast() {
            if name == ".." {
                if reached.isEmpty { return end(.outside) }
                reached.removeLast()
                continue
            }
            let here = Path(joining: reached + [name])
            let isInStore = here != store && here.hasPrefix(store)
            switch isInStore ? nil : entries[here] {
            case .directory: reached.append(name)
            case .symlink(let next):
                if links == Self.maxLinks { return end(.loop) }
                follow(next)
            case nil, .other:
                pending.append(name)
                return end(isInStore ? .store : entries[here] == nil ? .missing : .other)
            }
        }
        return end(.directory)
    }

    private func entry(at path: Path, _ target: Path) -> Entry {
        let end = end(of: path, target)
        func unusable(_ reason: String, location: Path? = nil) -> Entry {
            .other("a symlink to \(target.quoted), \(reason)", location: location)
        }
        return switch end.kind {
        case .directory: .link(to: end.path)
        case .missing: unusable("which leads to no directory", location: end.path)
        case .other: unusable("which leads to no directory")
        case .store: unusable("which leads into the store")
        case .loop: unusable("which leads back to itself")
        case .outside: unusable("which leads out of the root file system", location: end.path)
        }
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
    /// Applies the changes of a layer on top of those before. Returns the entries of the layer that programs unpack in
    /// different ways.
    @discardableResult
    package mutating func apply(_ layer: LayerTree) -> Set<LayerConflict> {
        var removed = layer.removed
        for (path, entry) in layer.entries where !entry.isDirectory {
            if entries[path]?.isDirectory ?? false { removed.insert(path) }
        }
        let removes = !removed.isEmpty || !layer.emptied.isEmpty
        comparisons += layer.entries.count + layer.store.count + (removes ? entries.count : 0)
        if comparisons > Self.maxComparisons { return [LayerConflict("", .tooManyEntries)] }
        if removes { remove(removed, entriesOf: layer.emptied) }
        var crossings = layer.crossings
        for (path, entry) in layer.entries where entry == .directory(nil) || layer.lateDirectories.contains(path) {
            if let target = entries[path]?.target { crossings[path] = target }
        }
        // A directory that the layer only implies remains as it is below.
        if entries.isEmpty {
            entries = layer.entries
        } else {
            entries.merge(layer.entries) { lower, upper in upper == .directory(nil) ? lower : upper }
        }
        for passage in layer.passages {
            for count in 1...max(1, passage.components.count) {
                let path = Path(joining: passage.components.prefix(count))
                if let target = entries[path]?.target { crossings[path] = target }
            }
        }
        let conflicts = crossings.filter { isStoreAffected(by: $0.key, target: $0.value) }
            .map { LayerConflict($0.key, .belowSymlink) }
        return layer.conflicts.union(conflicts).union(applyToStore(layer))
    }

    private mutating func applyToStore(_ layer: LayerTree) -> [LayerConflict] {
        if layer.removesStore { storeEntries = [:] }
        for name in layer.removedNames { storeEntries[name] = nil }
        for name in layer.emptiedNames { storeEntries[name] = nil }
        return layer.store.compactMap { name, upper in
            let isPlain = storeEntries[name, default: StoreEntry()].apply(upper)
            return isPlain ? nil : LayerConflict(store.appending(name), .belowSymlink)
        }
    }

    /// Whether entries below a symlink or file may be in the store, or may replace a directory above it.
    private func isStoreAffected(by path: Path, target: Path?) -> Bool {
        if store.hasPrefix(path) { return true }
        guard var target else { return false }
        // Programs stay in the root directory at `..` there, and create directories that are missing.
        for _ in 0..<Self.maxLinks {
            let end = end(of: path, target)
            if end.kind == .loop { return true }
            let next = Path("/").appending(end.path)
            guard end.kind == .outside || end.kind == .missing && next != target else {
                return end.path.hasPrefix(store) || store.hasPrefix(end.path)
            }
            target = next
        }
        return true
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

    /// The target of a symlink; nil for no target in another entry, and no value for a directory.
    fileprivate var target: Path?? {
        switch self {
        case .directory: nil
        case .symlink(let target): .some(target)
        case .other: .some(nil)
        }
    }
}
