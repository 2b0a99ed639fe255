public import NixClosure
import SystemCalls
import Tar

/// The store paths that an image's layers hold, so that no layer on top of them need hold them again.
///
/// Layers of repot's say what is in them. Others are listed, as far as they are not compressed; a store path counts that one
/// layer has, and no other has changed or removed.
public struct HeldPaths: Sendable {
    /// The store paths, whole.
    public private(set) var paths: Set<StorePath> = []
    /// Layers of which it is not known what they hold, since they are compressed.
    public private(set) var unknownLayers = 0

    /// Those of an image, in a store with that directory.
    public init(_ image: StoredImage, in store: Store) throws(ImageError) {
        let folder = store.directory.components
        for layer in image.layers {
            if let told = layer.descriptor.annotations[LayerPlan.storePathsKey] {
                let pruned = Self.list(layer.descriptor.annotations[LayerPlan.prunedKey] ?? "")
                paths.formUnion(Self.list(told).subtracting(pruned))
            } else if layer.descriptor.mediaType == MediaType.layer {
                try add(layer, folder)
            } else {
                unknownLayers += 1
            }
        }
    }

    private static func list(_ text: String) -> Set<StorePath> {
        Set(text.split(separator: " ").compactMap { StorePath(baseName: Path(String($0))) })
    }

    private mutating func add(_ layer: StoredImage.Layer, _ folder: [Path]) throws(ImageError) {
        var found: Set<StorePath> = []
        var touched: Set<StorePath> = []
        let file = try layer.place.open()
        do throws(ArchiveError) {
            let bytes = FilePart(file, named: layer.place.file, layer.place.range)
            var reader = TarReader(bytes, named: layer.place.file, ending: .any)
            while let member = try reader.next() {
                let components = Path(member.path).components
                if Self.removesAll(components, folder) { paths = [] }
                guard components.count > folder.count, components.starts(with: folder) else { continue }
                let name = components[folder.count]
                if let path = StorePath(baseName: Whiteout.target(of: name) ?? name) { touched.insert(path) }
                if components.count == folder.count + 1, let path = StorePath(baseName: name) { found.insert(path) }
            }
        } catch { throw ImageError(error) }
        // What two layers have is made of both.
        let changed = paths.intersection(touched)
        paths = paths.union(found).subtracting(changed)
    }

    /// Whether the store, or something above it, is hidden by the layer.
    private static func removesAll(_ components: [Path], _ folder: [Path]) -> Bool {
        guard let last = components.last, let target = Whiteout.target(of: last) else { return false }
        let parent = components.dropLast()
        guard folder.starts(with: parent) else { return false }
        return target == Whiteout.everything || parent.count < folder.count && folder[parent.count] == target
    }
}

/// Names that say what a layer hides. Source: OCI image specification, layer.md, 'Whiteouts'.
private enum Whiteout {
    static let everything: Path = ".wh..opq"

    /// What the name hides beside it; nil for any other name.
    static func target(of name: Path) -> Path? {
        let prefix = Array(".wh.".utf8)
        return name.bytes.starts(with: prefix) ? Path(name.bytes.dropFirst(prefix.count)) : nil
    }
}
