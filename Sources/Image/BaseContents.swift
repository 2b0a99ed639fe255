import FileTree
public import NixClosure
public import SystemCalls
import Tar

/// The content of a base image, as far as layers on top of it depend on it.
///
/// All layers are read to their end, compressed or not. A store path exists if its content in one layer has the right
/// hash, and no other layer changes or removes it. The members of a store path in another order than repot writes, which
/// cannot be hashed, count as other content.
public struct BaseContents: Sendable {
    /// The complete store paths.
    public private(set) var storePaths: Set<StorePath> = []
    /// The wanted store paths that are in the image with other content. A layer on top would be mixed with it.
    public var altered: Set<StorePath> { wanted.intersection(present).subtracting(storePaths) }
    /// The entries outside the store.
    public let tree: BaseTree
    /// The content of the wanted documents that the image has.
    public let documents: [Path: [UInt8]]
    /// The directory of the store.
    public let location: StoreLocation

    private let wanted: Set<StorePath>
    /// The store paths that have members in the layers so far and were not removed.
    private var present: Set<StorePath> = []

    /// Reads the layers of an image.
    ///
    /// - Parameters:
    ///   - infos: the wanted store paths, with their hashes and sizes.
    ///   - names: the names in the paths of additions outside the store.
    ///   - documents: the names of files in the root directory whose content is read.
    ///   - workers: the number of layers that are read at a time; nil for one per processor.
    ///   - isCancelled: called often, on any worker; if it returns true, the reading ends.
    /// - Throws: An error if a layer cannot be read, or if the base has an entry at the location of the store that is
    ///   not a directory.
    public init(
        _ image: StoredImage, of infos: some Sequence<PathInfo>, in store: Store, names: Set<Path> = [],
        documents: Set<Path> = [], workers: Int? = nil, isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws(PathError) {
        let search = BaseSearch(
            layers: image.layers, wanted: Dictionary(infos.map { ($0.path, $0) }) { first, _ in first },
            names: names.union(store.directory.components).union(documents), documents: documents, workers: workers,
            isCancelled: isCancelled)
        let directory = Path(joining: store.directory.components)
        let contents = try BaseContents(search, directory, store, image.path)
        // If a symlink leads to the store, the location of the store paths is known only now.
        let end = contents.location.path
        self = end == directory ? contents : try BaseContents(search, end, store, image.path)
    }

    private init(_ search: BaseSearch, _ directory: Path, _ store: Store, _ base: Path) throws(PathError) {
        var tree = BaseTree(store: directory)
        let changes = try search.changes(in: directory)
        var documents: [Path: [UInt8]] = [:]
        for layer in changes {
            if let conflict = tree.apply(layer.tree).sorted(by: { $0.path < $1.path }).first {
                throw PathError(
                    base,
                    "cannot use the base \(base.quoted): \(Path("/").appending(conflict.path).quoted) \(conflict.text); "
                        + "use another base, or build it again")
            }
            documents.merge(layer.documents) { _, upper in upper }
        }
        self.documents = documents.filter { tree.hasFile(at: $0.key) }
        location = try StoreLocation(store, on: tree, of: base)
        self.tree = tree
        wanted = Set(search.wanted.keys)
        for layer in changes { add(layer) }
    }

    private mutating func add(_ changes: StoreChanges) {
        if changes.tree.removesStore { (storePaths, present) = ([], []) }
        let removed = changes.tree.removedPaths
        present.subtract(removed)
        // If two layers have members of a store path, its content is a mixture of both.
        storePaths = storePaths.subtracting(removed).subtracting(changes.changed)
            .union(changes.found.subtracting(present))
        present.formUnion(changes.changed)
    }
}

/// The layers of a base image, and the store paths and names that matter in them.
struct BaseSearch: Sendable {
    let layers: [StoredImage.Layer]
    /// The store paths of the closure.
    let wanted: [StorePath: PathInfo]
    /// The names of entries outside the store that matter whatever their type.
    let names: Set<Path>
    /// The names of files in the root directory whose content is read.
    let documents: Set<Path>
    let workers: Int?
    let isCancelled: @Sendable () -> Bool
    let memory = LayerMemory()

    /// Reads the layers in parallel, and returns the changes that each of them makes, the lowest first.
    ///
    /// - Parameter directory: the directory of the store.
    func changes(in directory: Path) throws(PathError) -> [StoreChanges] {
        let jobs = JobList(
            sizes: layers.map { UInt64($0.place.size) }, workers: workers ?? ProcessState.processors)
        let results = jobs.run {
        } _: { [self] _, job in
            Result { () throws(PathError) in try StoreChanges(by: layers[job], in: directory, self) }
        }
        var changes: [StoreChanges] = []
        for result in results { changes.append(try result.get()) }
        return changes
    }
}
