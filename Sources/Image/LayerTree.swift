import SystemCalls
import Tar

/// The entries of a layer outside the store on which additions depend: directories, symlinks, removals, and all other
/// entries that have the name of an addition.
struct LayerTree: Sendable {
    enum Entry: Sendable, Hashable {
        /// A directory; its metadata is nil if only the entries in it imply it.
        case directory(DirectoryMetadata?)
        case symlink(target: Path)
        case other
    }

    /// The paths that the layer removes from the layers below.
    private(set) var removed: Set<Path> = []
    /// The directories whose entries the layer removes from the layers below.
    private(set) var emptied: Set<Path> = []
    private let names: Set<Path>
    private var paths = PathTable()
    private var entries: [Entry] = []
    private var lastParent = Path([])

    /// - Parameter names: the names of additions.
    init(names: Set<Path>) { self.names = names }

    /// Adds a member, whose path has these components.
    mutating func add(_ member: Member, at components: [Path]) {
        guard let name = components.last else { return }
        let path = Path(joining: components)
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
        case .directory: set(.directory(DirectoryMetadata(member)), at: path)
        case .symlink(let target): set(.symlink(target: Path(target)), at: path)
        // A symlink may have several names.
        case .hardLink(let target):
            if case .symlink(let end) = self[Path(target).normal] {
                set(.symlink(target: end), at: path)
            } else if names.contains(name) {
                set(.other, at: path)
            }
        default: if names.contains(name) { set(.other, at: path) }
        }
    }

    /// Adds the directories that lead to an entry, which an archive may leave out.
    mutating func addDirectories(_ components: ArraySlice<Path>) {
        let path = Path(joining: components)
        if path == lastParent { return }
        lastParent = path
        for count in stride(from: components.count, to: 0, by: -1) {
            let directory = Path(joining: components.prefix(count))
            if paths.number(of: directory) != nil { return }
            set(.directory(nil), at: directory)
        }
    }

    private mutating func set(_ entry: Entry, at path: Path) {
        guard let number = paths.insert(path) else { return }
        if number == entries.count { entries.append(entry) } else { entries[number] = entry }
    }

    private subscript(path: Path) -> Entry? { paths.number(of: path).map { entries[$0] } }

    /// Calls a function with each entry, in the order of the archive.
    func forEach(_ body: (Path, Entry) -> Void) {
        for (number, entry) in entries.enumerated() { body(paths[number], entry) }
    }
}
