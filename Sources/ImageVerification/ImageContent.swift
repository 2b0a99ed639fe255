import Image
import NixClosure
import SystemCalls

/// The content of a stack of layers, as an unpacker leaves it, and the faults of repot's layers in it.
struct ImageContent {
    private struct Holder {
        /// The position of the layer.
        let position: Int
        let isDirectory: Bool
    }

    private(set) var findings: Set<ImageFinding> = []
    private(set) var storePaths: [StorePath: StorePathContent] = [:]
    /// The store paths in layers that other tools wrote.
    private(set) var foreign: Set<StorePath> = []
    private(set) var documents: [Path: [UInt8]] = [:]
    /// Whether every layer exists and could be read to its end.
    var isWhole = true
    /// A layer of an unknown media type, which may have any store path.
    var opaqueLayer: String?
    /// The modes, owners and times of entries in the store, in layers that repot wrote.
    private(set) var metadata: StoreMetadata
    /// The stack, the lowest layer first. The same blob may be in it several times.
    private var layers: [ToldLayer] = []
    /// The position of the uppermost layer that has members of the store path.
    private var positions: [StorePath: Int] = [:]
    private var holders: [Path: Holder] = [:]
    private let storeDirectory: Path

    private init(in store: Store) {
        storeDirectory = Path(joining: store.directory.components)
        metadata = StoreMetadata(in: store)
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
    }

    /// Puts a layer on top.
    private mutating func add(_ layer: ToldLayer, _ content: LayerContent) {
        let position = layers.count
        layers.append(layer)
        remove(content.entries.filter(\.isWhiteout).map(\.path), position)
        for entry in content.entries where !entry.isWhiteout { add(entry, position) }
        for (path, known) in content.storePaths {
            storePaths[path] = known
            if !layer.blob.isOwn { foreign.insert(path) }
            guard let lower = positions.updateValue(position, forKey: path), !isRepetition(position, of: lower) else {
                continue
            }
            storePaths[path] = .unknown("two layers have parts of it")
            // repot writes a store path into one layer.
            if isOwn(position, or: lower) { findTwice(storeDirectory.appending(path.baseName), lower, position) }
        }
        documents.merge(content.documents) { _, upper in upper }
    }

    /// Removes entries of the layers below, as an unpacker does. A store path that repot wrote may be removed, but not
    /// a part of it.
    private mutating func remove(_ whiteouts: [Path], _ position: Int) {
        if whiteouts.isEmpty { return }
        var removed: Set<Path> = []
        var emptied: Set<Path> = []
        for path in whiteouts {
            let directory = Path(joining: path.components.dropLast())
            guard let target = Whiteout.target(of: path.lastComponent) else { continue }
            if target == Whiteout.everything {
                emptied.insert(directory)
            } else {
                removed.insert(Path(joining: directory.components + [target]))
            }
            let isAll =
                target == Whiteout.everything && directory.components.count == storeDirectory.components.count + 1
            if !isAll, let lower = storePath(around: directory).flatMap({ positions[$0] }), isOwn(position, or: lower) {
                find(path, .hides(layer: layers[position].blob.name))
            }
        }
        func isRemoved(_ path: Path) -> Bool {
            var above = Path([])
            for name in path.components {
                if emptied.contains(above) { return true }
                above = Path(joining: above.components + [name])
                if removed.contains(above) { return true }
            }
            return false
        }
        holders = holders.filter { !isRemoved($0.key) }
        documents = documents.filter { !isRemoved($0.key) }
        for path in positions.keys {
            let directory = storeDirectory.appending(path.baseName)
            guard isRemoved(directory) || emptied.contains(directory) else { continue }
            positions[path] = nil
            storePaths[path] = nil
            foreign.remove(path)
        }
    }

    private func storePath(around path: Path) -> StorePath? {
        guard path.hasPrefix(storeDirectory) else { return nil }
        return path.components.dropFirst(storeDirectory.components.count).first.flatMap { StorePath(baseName: $0) }
    }

    /// Adds an entry. Layers may replace entries outside the store. In the store, replacing an entry of a layer that
    /// repot wrote is a fault.
    private mutating func add(_ entry: LayerContent.Entry, _ position: Int) {
        let holder = Holder(position: position, isDirectory: entry.isDirectory)
        if let lower = holders.updateValue(holder, forKey: entry.path), !(lower.isDirectory && entry.isDirectory),
            isOwn(position, or: lower.position), !isRepetition(position, of: lower.position),
            entry.path.hasPrefix(storeDirectory) || lower.position == position
        {
            findTwice(entry.path, lower.position, position)
        }
        if layers[position].blob.isOwn { metadata.add(entry) }
    }

    private func isOwn(_ upper: Int, or lower: Int) -> Bool { layers[upper].blob.isOwn || layers[lower].blob.isOwn }

    /// Whether a layer is the same blob as one below.
    private func isRepetition(_ upper: Int, of lower: Int) -> Bool {
        upper != lower && layers[upper].blob.place == layers[lower].blob.place
    }

    private mutating func findTwice(_ path: Path, _ lower: Int, _ upper: Int) {
        find(path, .twice(lower: layers[lower].blob.name, upper: layers[upper].blob.name))
    }

    private mutating func find(_ path: Path, _ problem: ImageFinding.Problem) {
        findings.insert(ImageFinding("\(Path("/").appending(path))", problem))
    }
}
