package import SystemCalls

/// An entry of an image.
package protocol LayeredEntry: Sendable {
    /// A directory that only the entries in it imply.
    static var impliedDirectory: Self { get }
    var isDirectory: Bool { get }
}

/// The entries that a layer adds, and those that it removes from the layers below.
///
/// Source: OCI image specification, layer.md, 'Whiteouts'.
package struct LayerEntries<Entry: LayeredEntry>: Sendable {
    package var entries: [Path: Entry] = [:]
    private var removed: Set<Path> = []
    /// The directories whose entries the layer removes from the layers below.
    private var emptied: Set<Path> = []

    package init() {}

    /// Returns whether the path is that of a whiteout, and records what it removes.
    package mutating func addRemoval(_ path: Path) -> Bool {
        guard let target = Whiteout.target(of: path.lastComponent) else { return false }
        let directory = path.components.dropLast()
        if target == Whiteout.everything {
            emptied.insert(Path(joining: directory))
        } else {
            removed.insert(Path(joining: directory + [target]))
        }
        return true
    }

    fileprivate var removesEntries: Bool { !removed.isEmpty || !emptied.isEmpty }

    /// Adds the directories of the layers below that an entry of another type replaces, with all entries in them.
    fileprivate mutating func addReplaced(_ lower: [Path: Entry]) {
        for (path, entry) in entries where !entry.isDirectory && lower[path]?.isDirectory ?? false {
            removed.insert(path)
        }
    }

    fileprivate func removes(_ components: [Path]) -> Bool {
        components.indices.contains { end in
            removed.contains(Path(joining: components[...end])) || emptied.contains(Path(joining: components[..<end]))
        }
    }
}

/// The entries of a stack of layers, as an unpacker leaves them.
package struct LayeredEntries<Entry: LayeredEntry>: Sendable {
    package private(set) var entries: [Path: Entry] = [:]
    /// The symlinks and files that are above entries of the same layer or of one on top. Some unpackers follow such a
    /// symlink and others replace it.
    package private(set) var crossings: Set<Path> = []

    package init() {}

    /// Applies a layer on top of those before.
    package mutating func apply(_ layer: consuming LayerEntries<Entry>) {
        layer.addReplaced(entries)
        if layer.removesEntries { entries = entries.filter { path, _ in !layer.removes(path.components) } }
        entries.merge(layer.entries) { _, upper in upper }
        for path in layer.entries.keys { addDirectories(above: path) }
    }

    /// Archives need not have the directories above an entry.
    private mutating func addDirectories(above path: Path) {
        var above = path.components.dropLast()
        while !above.isEmpty {
            let directory = Path(joining: above)
            if let entry = entries[directory] {
                if !entry.isDirectory { crossings.insert(directory) }
                return
            }
            entries[directory] = .impliedDirectory
            above.removeLast()
        }
    }
}
