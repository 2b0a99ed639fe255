import NixClosure
package import SystemCalls
import Tar

/// The changes that a layer makes to a store in the layers below it.
struct StoreChanges: Sendable {
    /// The wanted store paths that are complete in the layer.
    private(set) var found: Set<StorePath> = []
    /// The store paths that have members in the layer.
    private(set) var changed: Set<StorePath> = []
    /// The store paths that the layer removes from the layers below.
    private(set) var removed: Set<StorePath> = []
    /// Whether the layer removes the store of the layers below.
    private(set) var removesStore = false
    /// The entries outside the store.
    private(set) var tree: LayerTree
    /// The content of the wanted documents.
    private(set) var documents: [Path: [UInt8]] = [:]
    private let directory: [Path]

    /// Reads the store paths from the layer's annotations, or else reads the layer and checks the wanted store paths in
    /// it.
    ///
    /// - Parameters:
    ///   - directory: the directory of the store.
    ///   - search: the store paths and names that matter.
    init(
        by layer: StoredImage.Layer, in directory: Path, _ search: BaseSearch
    ) throws(PathError) {
        self.init(in: directory, search)
        if let paths = layer.descriptor.storePaths(LayerPlan.storePathsKey) {
            let listed = Set(paths)
            let pruned = layer.descriptor.storePaths(LayerPlan.prunedKey) ?? []
            try layer.forEachMember(search.isCancelled) { (member, _) throws(ArchiveError) in
                takeListed(member, listed, pruned)
            }
        } else if try !read(layer, search, Reading(files: nil)) {
            self = StoreChanges(in: directory, search)
            _ = try read(layer, search, Reading(files: [:]))
        }
    }

    private init(in directory: Path, _ search: BaseSearch) {
        self.directory = directory.components
        tree = LayerTree(names: search.names)
    }

    /// Reads the layer to its end. Returns false at a hard link in a wanted store path if the regular files are not
    /// kept.
    private mutating func read(
        _ layer: StoredImage.Layer, _ search: BaseSearch, _ reading: consuming Reading
    ) throws(PathError) -> Bool {
        try layer.forEachMember(search.isCancelled) { (member, reader) throws(ArchiveError) in
            try take(member, &reader, search, &reading)
            return !reading.lacksFiles
        }
        if reading.lacksFiles { return false }
        finish(&reading)
        return true
    }

    /// The state of reading a layer.
    private struct Reading: ~Copyable {
        /// The regular files by the hashes of their paths, which take a fifth of the memory of the paths; nil for the
        /// first reading. Most layers have no hard links to them, and are read only once.
        var files: [Int: StorePathProof.File]?
        /// Whether the files are needed and `files` is nil.
        var lacksFiles = false
        /// The store paths that `finish` has checked.
        var ended: Set<StorePath> = []
        var proof: StorePathProof?
    }

    /// Adds a member of a layer that lists its store paths. Returns false for the first member in one of them. The list
    /// is used only if they are in the directory of the store.
    private mutating func takeListed(_ member: Member, _ listed: Set<StorePath>, _ pruned: [StorePath]) -> Bool {
        let components = Path(member.path).components
        guard let path = components.last.flatMap({ StorePath(baseName: $0) }), listed.contains(path) else {
            tree.add(member, at: components)
            return true
        }
        if components.dropLast().elementsEqual(directory) {
            changed = listed
            found = listed.subtracting(pruned)
        }
        return false
    }

    private mutating func take(
        _ member: Member, _ reader: inout TarReader, _ search: BaseSearch, _ reading: inout Reading
    ) throws(ArchiveError) {
        let components = Path(member.path).components
        if removesStore(components, isDirectory: member.kind == .directory) { removesStore = true }
        if member.kind == .regular, reading.files != nil {
            reading.files?[Self.hash(components)] = StorePathProof.File(member)
        }
        guard components.count > directory.count, components.starts(with: directory) else {
            tree.add(member, at: components)
            return try takeDocument(member, components, &reader, search.documents)
        }
        tree.addDirectories(directory[...])
        let name = components[directory.count]
        if let target = Whiteout.target(of: name), let path = StorePath(baseName: target) { removed.insert(path) }
        guard let path = StorePath(baseName: name) else { return }
        changed.insert(path)
        guard let info = search.wanted[path] else { return }
        if reading.proof?.path != path {
            finish(&reading)
            reading.proof = StorePathProof(info)
        }
        let relative = Array(components.dropFirst(directory.count + 1))
        if case .hardLink = member.kind, reading.files == nil { reading.lacksFiles = true }
        let files = reading.files ?? [:]
        try reading.proof?.take(member, relative, &reader) { files[Self.hash($0.components)] }
    }

    /// The maximum size of a document, which is read into memory.
    private static let maxDocumentSize: Int64 = 1 << 28

    private mutating func takeDocument(
        _ member: Member, _ components: [Path], _ reader: inout TarReader, _ documents: Set<Path>
    ) throws(ArchiveError) {
        guard components.count == 1, documents.contains(components[0]), member.kind == .regular,
            member.size <= Self.maxDocumentSize
        else { return }
        self.documents[components[0]] = try reader.content()
    }

    private static func hash(_ components: [Path]) -> Int {
        var hasher = Hasher()
        for component in components {
            hasher.combine(component)
            hasher.combine(Path.slash)
        }
        return hasher.finalize()
    }

    /// Checks the store path whose members were read last. It is incomplete if other members of it were read before
    /// those of another store path.
    private mutating func finish(_ reading: inout Reading) {
        guard let proof = reading.proof.take() else { return }
        let path = proof.path
        let isFirst = reading.ended.insert(path).inserted
        if proof.isComplete(), isFirst { found.insert(path) } else { found.remove(path) }
    }

    /// Whether the store, or something above it, is removed by the layer, or something else is put in its place.
    private func removesStore(_ components: [Path], isDirectory: Bool) -> Bool {
        if !isDirectory, directory.starts(with: components) { return true }
        guard let last = components.last, let target = Whiteout.target(of: last) else { return false }
        let parent = components.dropLast()
        guard directory.starts(with: parent) else { return false }
        return target == Whiteout.everything || parent.count < directory.count && directory[parent.count] == target
    }
}

/// Names that say what a layer hides. Source: OCI image specification, layer.md, 'Whiteouts'.
package enum Whiteout {
    private static let prefix = Array(".wh.".utf8)
    package static let everything: Path = ".wh..opq"

    static func name(removing target: Path) -> Path { Path(prefix + target.bytes) }

    /// What the name hides beside it; nil for any other name.
    package static func target(of name: Path) -> Path? {
        return name.bytes.starts(with: prefix) ? Path(name.bytes.dropFirst(prefix.count)) : nil
    }
}
