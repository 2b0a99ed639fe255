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
    private var holders: [Path: Holder] = [:]
    private let folder: Path

    init(in store: Store) { folder = Path(joining: store.directory.components) }

    /// Puts a layer on top.
    mutating func add(_ layer: ToldLayer, _ content: LayerContent) {
        for entry in content.entries { add(entry, layer) }
        for (path, known) in content.storePaths {
            let isSecond = storePaths[path] != nil
            storePaths[path] = isSecond ? .unknown("two layers have parts of it") : known
            if !layer.isOwn { foreign.insert(path) }
        }
        documents.merge(content.documents) { _, upper in upper }
    }

    /// Whoever builds on top of an image may replace files, or hide them, and many do. In the store nothing is replaced, and
    /// repot replaces nothing.
    private mutating func add(_ entry: LayerContent.Entry, _ layer: ToldLayer) {
        let isInStore = entry.path.hasPrefix(folder)
        if entry.isWhiteout {
            if isInStore || layer.isOwn { find(entry.path, .hides(layer: layer.blob.name)) }
            return
        }
        if let lower = holders[entry.path], !(lower.isDirectory && entry.isDirectory) {
            if isInStore || layer.isOwn || lower.layer.isOwn {
                find(entry.path, .twice(lower: lower.layer.blob.name, upper: layer.blob.name))
            }
        }
        holders[entry.path] = Holder(layer: layer, isDirectory: entry.isDirectory)
    }

    private mutating func find(_ path: Path, _ problem: ImageFinding.Problem) {
        findings.insert(ImageFinding("\(Path("/").appending(path))", problem))
    }
}
