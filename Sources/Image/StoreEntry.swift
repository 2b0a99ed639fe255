import SystemCalls

/// The entries of a layer below one name in the store, such as a store path. Paths are relative to that name, and only
/// their hashes are kept, which take a fifth of the memory.
struct StoreEntry: Sendable {
    /// The bytes of memory that a hash takes in a set.
    static let hashSize = 24

    /// All entries but directories.
    private(set) var files: Set<Int> = []
    /// The directories that have an entry of their own before the entries in them.
    private(set) var directories: Set<Int> = []
    /// The directories that have no such entry.
    private(set) var implied: Set<Int> = []
    /// The paths that the layer removes from the layers below.
    private(set) var removed: Set<Int> = []
    /// Whether an entry is below another that is not a directory.
    private(set) var isAmbiguous = false
    private var lastParent: Int?

    var count: Int { files.count + directories.count + implied.count + removed.count }

    /// Whether the layer has an entry that it removes too.
    var addsAndRemoves: Bool {
        !(removed.isDisjoint(with: files) && removed.isDisjoint(with: directories) && removed.isDisjoint(with: implied))
    }

    /// Adds an entry. Returns false if it is not a directory and the layer already has it.
    mutating func add(_ path: ArraySlice<Path>, isDirectory: Bool) -> Bool {
        addParents(of: path)
        let hash = Self.hash(path)
        if isDirectory {
            if files.contains(hash) { isAmbiguous = true }
            if !implied.contains(hash) { directories.insert(hash) }
            return true
        }
        if directories.contains(hash) || implied.contains(hash) { isAmbiguous = true }
        return files.insert(hash).inserted
    }

    /// Adds the directories that lead to a path.
    mutating func addParents(of path: ArraySlice<Path>) {
        if path.isEmpty { return }
        var parent = path.dropLast()
        var hash = Self.hash(parent)
        if hash == lastParent { return }
        lastParent = hash
        while !directories.contains(hash), implied.insert(hash).inserted {
            if files.contains(hash) { isAmbiguous = true }
            if parent.isEmpty { return }
            parent = parent.dropLast()
            hash = Self.hash(parent)
        }
    }

    mutating func remove(_ path: ArraySlice<Path>) { removed.insert(Self.hash(path)) }

    /// Puts the entries of an upper layer on top. Returns false if an entry of it is below a file of this one, which
    /// may be a symlink.
    mutating func apply(_ upper: StoreEntry) -> Bool {
        files.subtract(upper.removed)
        let isPlain = files.isDisjoint(with: upper.implied)
        files.subtract(upper.directories)
        files.formUnion(upper.files)
        return isPlain
    }

    private static func hash(_ components: ArraySlice<Path>) -> Int {
        var hasher = Hasher()
        for component in components {
            hasher.combine(component)
            hasher.combine(Path.slash)
        }
        return hasher.finalize()
    }
}
