import Image
import NixClosure
import SystemCalls

/// The content of a stack of layers, as an unpacker leaves it, and the faults of repot's layers in it.
struct ImageContent {
    var findings: Set<ImageFinding> = []
    private(set) var storePaths: [StorePath: StorePathContent] = [:]
    /// The store paths in layers that other tools wrote.
    private(set) var foreign: Set<StorePath> = []
    private(set) var documents: [Path: [UInt8]] = [:]
    /// Whether every layer exists and could be read to its end.
    var isWhole = true
    /// A layer of an unknown media type, which may have any store path.
    var opaqueLayer: String?
    /// The metadata of entries in the store.
    private(set) var metadata: StoreMetadata
    /// The stack, the lowest layer first. The same blob may be in it several times.
    private var layers: [ToldLayer] = []
    /// The position of the uppermost layer that has members of the store path.
    private var positions: [StorePath: Int] = [:]
    /// The faults of store paths of which several layers have or remove parts. Foreign layers may do so; then the
    /// fault counts if the hash of the store path is known.
    private(set) var mixed: [StorePath: ImageFinding] = [:]
    /// The uppermost layer that removed the store, if there were store paths in it.
    private var storeRemoval: Int?
    /// The directories and symlinks outside the store.
    private(set) var tree: BaseTree
    private let storeDirectory: Path

    private init(in store: Store) {
        storeDirectory = Path(joining: store.directory.components)
        metadata = StoreMetadata(in: store)
        tree = BaseTree(store: storeDirectory)
    }

    /// The content of an image whose blobs were examined.
    init(of image: ToldImage, _ examined: [FilePlace: BlobExamination], in store: Store) {
        self.init(in: store)
        isWhole = image.isWhole
        for layer in image.layers {
            let blob = examined[layer.blob.place]
            if blob != nil, !layer.blob.isLayer { opaqueLayer = layer.blob.name }
            if let content = blob?.content { add(layer, content) } else { isWhole = false }
        }
        documents = documents.filter { tree.hasFile(at: $0.key) }
        if storePaths.isEmpty, let storeRemoval {
            find(storeDirectory, .hides(layer: layers[storeRemoval].blob.name))
        }
    }

    /// Puts a layer on top.
    private mutating func add(_ layer: ToldLayer, _ content: LayerContent) {
        let position = layers.count
        layers.append(layer)
        remove(content.tree, position)
        for conflict in tree.apply(content.tree) {
            find(conflict.path, .ambiguous(conflict.text, layer: layer.blob.name))
        }
        let repeated = layer.blob.isOwn ? content.repeated.union(content.tree.repeated) : content.tree.repeated
        for path in repeated { findTwice(path, position, position) }
        metadata.remove(by: content.entries.filter(\.isWhiteout))
        for entry in content.entries where !entry.isWhiteout { metadata.add(entry, isOwn: layer.blob.isOwn) }
        for (path, known) in content.storePaths {
            storePaths[path] = known
            if !layer.blob.isOwn { foreign.insert(path) }
            guard let lower = positions.updateValue(position, forKey: path), !isRepetition(position, of: lower) else {
                continue
            }
            storePaths[path] = .unknown("two layers have parts of it")
            let subject = storeDirectory.appending(path.baseName)
            mixed[path] = mixed[path] ?? finding(subject, twice(lower, position))
            // repot writes a store path into one layer.
            if isOwn(position, or: lower) { findTwice(subject, lower, position) }
        }
        documents.merge(content.documents) { _, upper in upper }
    }

    /// Removes the entries of the layers below that a layer removes. A layer of repot may remove a store path, but not a
    /// part of it.
    private mutating func remove(_ layer: LayerTree, _ position: Int) {
        for path in layer.partialRemovals {
            guard let storePath = storePath(around: path), let lower = positions[storePath] else { continue }
            let hides = ImageFinding.Problem.hides(layer: layers[position].blob.name)
            mixed[storePath] = finding(path, hides)
            if isOwn(position, or: lower) { find(path, hides) }
        }
        if layer.removesStore, !positions.isEmpty { storeRemoval = position }
        for path in layer.removesStore ? Set(positions.keys) : layer.removedPaths {
            positions[path] = nil
            storePaths[path] = nil
            mixed[path] = nil
            foreign.remove(path)
            metadata.remove(path)
        }
    }

    private func storePath(around path: Path) -> StorePath? {
        guard path.hasPrefix(storeDirectory) else { return nil }
        return path.components.dropFirst(storeDirectory.components.count).first.flatMap { StorePath(baseName: $0) }
    }

    private func isOwn(_ upper: Int, or lower: Int) -> Bool { layers[upper].blob.isOwn || layers[lower].blob.isOwn }

    /// Whether a layer is the same blob as one below.
    private func isRepetition(_ upper: Int, of lower: Int) -> Bool {
        upper != lower && layers[upper].blob.place == layers[lower].blob.place
    }

    private func twice(_ lower: Int, _ upper: Int) -> ImageFinding.Problem {
        .twice(lower: layers[lower].blob.name, upper: layers[upper].blob.name)
    }

    private mutating func findTwice(_ path: Path, _ lower: Int, _ upper: Int) { find(path, twice(lower, upper)) }

    private func finding(_ path: Path, _ problem: ImageFinding.Problem) -> ImageFinding {
        ImageFinding("\(Path("/").appending(path))", problem)
    }

    private mutating func find(_ path: Path, _ problem: ImageFinding.Problem) {
        findings.insert(finding(path, problem))
    }
}
