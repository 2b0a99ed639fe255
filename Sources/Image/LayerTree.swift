package import NixClosure
package import SystemCalls
package import Tar

/// The changes that a layer makes to the tree of the layers below it, as far as the store and additions depend on them:
/// directories, symlinks, removals, and all other entries that have the name of an addition or are in the store.
///
/// Source: OCI image specification, layer.md, 'Whiteouts' and 'Changeset over existing files'.
package struct LayerTree: Sendable {
    package enum Entry: Sendable, Hashable {
        /// A directory; its metadata is nil if only the entries in it imply it. It is indirect, so that entries of other
        /// types are small.
        indirect case directory(DirectoryMetadata?)
        case symlink(target: Path)
        case other
    }

    /// The entries outside the store.
    private(set) var entries: [Path: Entry] = [:]
    /// The paths outside the store that the layer removes from the layers below.
    private(set) var removed: Set<Path> = []
    /// The directories outside the store whose entries the layer removes from the layers below.
    private(set) var emptied: Set<Path> = []
    /// Directories that have an entry of their own, but only after an entry in them.
    private(set) var lateDirectories: Set<Path> = []
    /// Directories outside the store that lead to removed entries and to the targets of hard links.
    private(set) var passages: Set<Path> = []
    /// The symlinks and files outside the store that the layer has as a directory too, with the targets of symlinks.
    private(set) var crossings: [Path: Path?] = [:]
    /// The entries of the layer that programs unpack in different ways.
    private(set) var conflicts: Set<LayerConflict> = []

    /// Whether the layer removes the store of the layers below, or puts another entry in its place.
    package private(set) var removesStore = false
    /// The names in the store that the layer removes from the layers below.
    private(set) var removedNames: Set<Path> = []
    /// The names in the store of which all entries of the layers below are removed.
    private(set) var emptiedNames: Set<Path> = []
    /// The removals of parts of a store path.
    package private(set) var partialRemovals: [Path] = []
    /// The paths in the store that the layer has more than once.
    package private(set) var repeated: Set<Path> = []
    private(set) var store: [Path: StoreEntry] = [:]
    /// An estimate of the bytes that the changes occupy in memory.
    package private(set) var size = 0

    let directory: [Path]
    private let names: Set<Path>
    private var lastParent: ArraySlice<Path> = []
    private var current: (name: Path, entry: StoreEntry)?

    /// - Parameters:
    ///   - store: the directory of the store.
    ///   - names: the names of additions.
    package init(store: Path, names: Set<Path> = []) {
        directory = store.components
        self.names = names.union(directory)
    }

    /// The store paths that the layer removes from the layers below.
    package var removedPaths: Set<StorePath> {
        Set(removedNames.union(emptiedNames).compactMap { StorePath(baseName: $0) })
    }

    /// The names in the store that have an entry in the layer, or that a hard link leads to.
    var storeNames: some Sequence<Path> { store.keys }

    /// Adds a member, whose path has these components.
    package mutating func add(_ member: Member, at components: [Path]) {
        let isInStore = components.count > directory.count && components.starts(with: directory)
        if isInStore || directory.starts(with: components) { checkAttributes(member, components) }
        guard let name = components.last else {
            if member.kind != .directory { removesStore = true }
            return
        }
        if let target = Whiteout.target(of: name) { return remove(target, components, isInStore: isInStore) }
        if case .hardLink(let target) = member.kind { addLink(to: Path(target).components) }
        if isInStore {
            addToStore(components, isDirectory: member.kind == .directory)
        } else {
            addOutside(member, name, components)
        }
    }

    /// Completes the changes after the last member.
    package mutating func finish() {
        if let current { store[current.name] = current.entry }
        current = nil
        // Other entries of the store, such as `.links`, are not part of a store path.
        for (name, entry) in store where entry.addsAndRemoves && StorePath(baseName: name) != nil {
            conflicts.insert(LayerConflict(path(directory + [name]), .addedAndRemoved))
        }
        for (name, entry) in store where entry.isAmbiguous || removedNames.contains(name) {
            conflicts.insert(
                LayerConflict(path(directory + [name]), entry.isAmbiguous ? .belowSymlink : .addedAndRemoved))
        }
        for path in removed where entries[path] != nil && directory.starts(with: path.components) {
            conflicts.insert(LayerConflict(path, .addedAndRemoved))
        }
    }

    private func path(_ components: some Sequence<Path>) -> Path { Path(joining: components) }

    /// overlayfs removes or replaces the entries below a directory that has these attributes.
    private mutating func checkAttributes(_ member: Member, _ components: [Path]) {
        let isOverlay = member.attributes.contains { attribute in
            LayerConflict.overlayAttributes.contains(String(decoding: attribute.key, as: UTF8.self))
        }
        if isOverlay { conflicts.insert(LayerConflict(path(components), .overlayAttribute)) }
    }
}

// MARK: - Removals and hard links

extension LayerTree {
    private mutating func remove(_ target: Path, _ components: [Path], isInStore: Bool) {
        let parent = components.dropLast()
        if target.bytes.isEmpty || target == "." || target == ".." {
            conflicts.insert(LayerConflict(path(components), .removalOfDirectory))
            return
        }
        if isInStore, components.count == directory.count + 1, target != Whiteout.everything {
            size += Self.entrySize + target.bytes.count
            removedNames.insert(target)
        } else if isInStore, components.count > directory.count + 1 {
            removeInStore(target, components)
        } else {
            removeOutside(target, parent)
        }
    }

    private mutating func removeInStore(_ target: Path, _ components: [Path]) {
        let name = components[directory.count]
        let relative = components.dropFirst(directory.count + 1)
        if target == Whiteout.everything, relative.count == 1 {
            emptiedNames.insert(name)
            withStoreEntry(name) { $0.addParents(of: relative) }
            return
        }
        size += Self.entrySize + components.reduce(0) { $0 + $1.bytes.count }
        partialRemovals.append(path(components))
        withStoreEntry(name) { entry in
            entry.addParents(of: relative)
            if target != Whiteout.everything { entry.remove(relative.dropLast() + [target]) }
        }
    }

    private mutating func removeOutside(_ target: Path, _ parent: ArraySlice<Path>) {
        size += Self.entrySize + parent.reduce(target.bytes.count) { $0 + $1.bytes.count }
        passages.insert(path(parent))
        let isAbove = directory.starts(with: parent)
        if target == Whiteout.everything {
            emptied.insert(path(parent))
            if isAbove { removesStore = true }
        } else {
            removed.insert(path(parent + [target]))
            if isAbove, parent.count < directory.count, directory[parent.count] == target { removesStore = true }
        }
    }

    /// Programs follow the symlinks above the target of a hard link.
    private mutating func addLink(to target: [Path]) {
        guard target.count > directory.count, target.starts(with: directory) else {
            size += Self.entrySize + target.reduce(0) { $0 + $1.bytes.count }
            passages.insert(path(target.dropLast()))
            return
        }
        let relative = target.dropFirst(directory.count + 1)
        withStoreEntry(target[directory.count]) { $0.addParents(of: relative) }
    }
}

// MARK: - Entries

extension LayerTree {
    /// The bytes of memory that an entry takes beside its path.
    static let entrySize = 160

    private mutating func addOutside(_ member: Member, _ name: Path, _ components: [Path]) {
        addDirectories(components.dropLast())
        switch member.kind {
        case .directory: set(.directory(DirectoryMetadata(member)), components)
        case .symlink(let target): set(.symlink(target: Path(target)), components)
        // A symlink may have several names.
        case .hardLink(let target):
            if case .symlink(let end) = entries[Path(target).normal] {
                set(.symlink(target: end), components)
            } else {
                addOther(name, components)
            }
        default: addOther(name, components)
        }
    }

    private mutating func addOther(_ name: Path, _ components: [Path]) {
        if directory.starts(with: components) { removesStore = true }
        if names.contains(name) { set(.other, components) }
    }

    private mutating func set(_ entry: Entry, _ components: [Path]) {
        let path = path(components)
        if case .symlink = entry, directory.starts(with: components) { removesStore = true }
        switch (entries[path], entry) {
        case (.directory(nil), .directory): lateDirectories.insert(path)
        case (.directory, .directory): break
        case (.symlink(let target), .directory): crossings[path] = .some(target)
        case (.other, .directory): crossings[path] = .some(nil)
        case (.directory, .symlink(let target)): crossings[path] = .some(target)
        case (.directory, .other): crossings[path] = .some(nil)
        default: break
        }
        if case .directory(let metadata) = entry {
            size += metadata?.attributes.reduce(0) { $0 + $1.key.count + $1.value.count } ?? 0
        }
        size += Self.entrySize + path.bytes.count
        entries[path] = entry
    }

    /// Adds the directories that lead to an entry, which an archive may leave out.
    private mutating func addDirectories(_ components: ArraySlice<Path>) {
        if components == lastParent { return }
        lastParent = components
        for count in stride(from: components.count, to: 0, by: -1) {
            let directory = path(components.prefix(count))
            switch entries[directory] {
            case .directory: return
            case .symlink(let target):
                crossings[directory] = .some(target)
                return
            case .other:
                crossings[directory] = .some(nil)
                return
            case nil:
                size += Self.entrySize + directory.bytes.count
                entries[directory] = .directory(nil)
            }
        }
    }

    private mutating func addToStore(_ components: [Path], isDirectory: Bool) {
        addDirectories(directory[...])
        var isRepeated = false
        let relative = components.dropFirst(directory.count + 1)
        withStoreEntry(components[directory.count]) { entry in
            isRepeated = !entry.add(relative, isDirectory: isDirectory)
        }
        if isRepeated { repeated.insert(path(components)) }
    }

    private mutating func withStoreEntry(_ name: Path, _ change: (inout StoreEntry) -> Void) {
        if current?.name != name {
            if let current { store[current.name] = current.entry }
            if store[name] == nil { size += Self.entrySize + 2 * StoreEntry.hashSize + name.bytes.count }
            current = (name, store.removeValue(forKey: name) ?? StoreEntry())
        }
        guard var entry = current?.entry else { return }
        current = nil
        let before = entry.count
        change(&entry)
        size += (entry.count - before) * StoreEntry.hashSize
        current = (name, entry)
    }
}
