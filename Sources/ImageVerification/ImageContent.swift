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
        for entry in content.entries {
            if entry.isWhiteout { hide(entry.path) }
            add(entry, layer)
        }
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

    /// What an image says of itself may be hidden by layers above; a name in the root hides that, and one all there.
    private mutating func hide(_ path: Path) {
        let hidden = Path(path.lastComponent.bytes.dropFirst(".wh.".utf8.count))
        guard path.components.count == 1 else { return }
        documents = documents.filter { $0.key != hidden && hidden != ".wh..opq" }
    }

    /// Whoever builds on top of an image may replace files beside the store, or hide them, and many do, repot among
    /// them. In the store nothing is replaced, and repot hides nothing.
    private mutating func add(_ entry: LayerContent.Entry, _ layer: ToldLayer) {
        let isInStore = entry.path.hasPrefix(folder)
        if entry.isWhiteout {
            if isInStore || layer.isOwn { find(entry.path, .hides(layer: layer.blob.name)) }
            return
        }
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
