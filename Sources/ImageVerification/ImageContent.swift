import Image
import NixClosure
import SystemCalls

/// What the layers of an image come to.
struct ImageContent {
    private struct Holder {
        let layer: ToldLayer
        let isDirectory: Bool
    }

    private(set) var findings: Set<ImageFinding> = []
    private(set) var storePaths: [StorePath: StorePathContent] = [:]
    /// Store paths in layers that others than repot have written.
    private(set) var foreign: Set<StorePath> = []
    private(set) var documents: [Path: [UInt8]] = [:]
    /// Every layer is there and could be read to its end.
    var isWhole = true
    /// Modes, owners and times in the store, of layers that repot has written.
    private(set) var metadata: StoreMetadata
    private var layersOfStorePaths: [StorePath: String] = [:]
    private var holders: [Path: Holder] = [:]
    private let folder: Path

    init(in store: Store) {
        folder = Path(joining: store.directory.components)
        metadata = StoreMetadata(in: store)
    }

    /// Puts a layer on top.
    mutating func add(_ layer: ToldLayer, _ content: LayerContent) {
        remove(content.entries.filter(\.isWhiteout).map(\.path), layer)
        for entry in content.entries where !entry.isWhiteout { add(entry, layer) }
        for (path, known) in content.storePaths {
            // Of a store path that one layer has, no other has more.
            if let lower = layersOfStorePaths.updateValue(layer.blob.name, forKey: path) {
                find(folder.appending(path.baseName), .twice(lower: lower, upper: layer.blob.name))
                storePaths[path] = .unknown("two layers have parts of it")
            } else {
                storePaths[path] = known
            }
            if !layer.isOwn { foreign.insert(path) }
        }
        documents.merge(content.documents) { _, upper in upper }
    }

    /// Removes entries of the layers below, as an unpacker does. A store path may be removed, but not a part of it.
    private mutating func remove(_ whiteouts: [Path], _ layer: ToldLayer) {
        if whiteouts.isEmpty { return }
        var removed: Set<Path> = []
        var emptied: Set<Path> = []
        for path in whiteouts {
            let directory = Path(joining: path.components.dropLast())
            if directory != folder, directory.hasPrefix(folder) { find(path, .hides(layer: layer.blob.name)) }
            guard let target = Whiteout.target(of: path.lastComponent) else { continue }
            if target == Whiteout.everything {
                emptied.insert(directory)
            } else {
                removed.insert(Path(joining: directory.components + [target]))
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
        for path in layersOfStorePaths.keys where isRemoved(folder.appending(path.baseName)) {
            layersOfStorePaths[path] = nil
            storePaths[path] = nil
            foreign.remove(path)
        }
    }

    /// Layers may replace entries beside the store. In the store nothing is replaced.
    private mutating func add(_ entry: LayerContent.Entry, _ layer: ToldLayer) {
        let isInStore = entry.path.hasPrefix(folder)
        if let lower = holders[entry.path], !(lower.isDirectory && entry.isDirectory) {
            if isInStore || lower.layer == layer {
                find(entry.path, .twice(lower: lower.layer.blob.name, upper: layer.blob.name))
            }
        }
        if layer.isOwn { metadata.add(entry) }
        holders[entry.path] = Holder(layer: layer, isDirectory: entry.isDirectory)
    }

    private mutating func find(_ path: Path, _ problem: ImageFinding.Problem) {
        findings.insert(ImageFinding("\(Path("/").appending(path))", problem))
    }
}
