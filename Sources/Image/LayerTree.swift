package import SystemCalls
package import Tar

/// The entries of a layer outside the store on which additions depend: directories, symlinks, removals, and all other
/// entries that have the name of an addition.
package struct LayerTree: Sendable {
    package enum Entry: Sendable, Hashable {
        /// A directory; its metadata is nil if only the entries in it imply it. It is indirect, so that entries of other
        /// types are small.
        indirect case directory(DirectoryMetadata?)
        case symlink(target: Path)
        case other
    }

    private(set) var entries: [Path: Entry] = [:]
    /// The paths that the layer removes from the layers below.
    private(set) var removed: Set<Path> = []
    /// The directories whose entries the layer removes from the layers below.
    private(set) var emptied: Set<Path> = []
    private let names: Set<Path>
    private var lastParent: ArraySlice<Path> = []

    /// - Parameter names: the names of additions.
    package init(names: Set<Path>) { self.names = names }

    /// Adds a member, whose path has these components.
    package mutating func add(_ member: Member, at components: [Path]) {
        guard let name = components.last else { return }
        let parent = components.dropLast()
        if let target = Whiteout.target(of: name) {
            if target == Whiteout.everything {
                emptied.insert(Path(joining: parent))
            } else {
                removed.insert(Path(joining: parent + [target]))
            }
            return
        }
        addDirectories(parent)
        switch member.kind {
        case .directory: entries[Path(joining: components)] = .directory(DirectoryMetadata(member))
        case .symlink(let target): entries[Path(joining: components)] = .symlink(target: Path(target))
        // A symlink may have several names.
        case .hardLink(let target):
            if case .symlink(let end) = entries[Path(target).normal] {
                entries[Path(joining: components)] = .symlink(target: end)
            } else {
                addOther(name, at: components)
            }
        default: addOther(name, at: components)
        }
    }

    private mutating func addOther(_ name: Path, at components: [Path]) {
        if names.contains(name) { entries[Path(joining: components)] = .other }
    }

    /// Adds the directories that lead to an entry, which an archive may leave out.
    package mutating func addDirectories(_ components: ArraySlice<Path>) {
        if components == lastParent { return }
        lastParent = components
        for count in stride(from: components.count, to: 0, by: -1) {
            let directory = Path(joining: components.prefix(count))
            if entries[directory] != nil { return }
            entries[directory] = .directory(nil)
        }
    }
}
