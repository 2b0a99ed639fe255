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
    /// Whether the layer removes the whole store of the layers below.
    private(set) var removesStore = false
    private let folder: [Path]

    /// Reads the store paths from the layer's annotations, or else reads the layer and checks the wanted store paths in
    /// it.
    init(
        by layer: StoredImage.Layer, in store: Store, _ wanted: [StorePath: PathInfo],
        _ isCancelled: @escaping () -> Bool
    ) throws(PathError) {
        folder = store.directory.components
        if let listed = layer.descriptor.storePaths(LayerPlan.storePathsKey) {
            changed = Set(listed)
            found = changed.subtracting(layer.descriptor.storePaths(LayerPlan.prunedKey) ?? [])
        } else {
            var reading = Reading()
            try layer.forEachMember(isCancelled) { (member, reader) throws(ArchiveError) in
                try take(member, &reader, wanted, &reading)
                return true
            }
            finish(&reading)
        }
    }

    /// The state of reading a layer.
    private struct Reading: ~Copyable {
        var files: [Path: StorePathProof.File] = [:]
        /// The store paths that `finish` has checked.
        var ended: Set<StorePath> = []
        var proof: StorePathProof?
    }

    private mutating func take(
        _ member: Member, _ reader: inout TarReader, _ wanted: [StorePath: PathInfo], _ reading: inout Reading
    ) throws(ArchiveError) {
        let components = Path(member.path).components
        if removesStore(components, isDirectory: member.kind == .directory) { removesStore = true }
        if member.kind == .regular { reading.files[Path(joining: components)] = StorePathProof.File(member) }
        guard components.count > folder.count, components.starts(with: folder) else { return }
        let name = components[folder.count]
        if let target = Whiteout.target(of: name), let path = StorePath(baseName: target) { removed.insert(path) }
        guard let path = StorePath(baseName: name) else { return }
        changed.insert(path)
        guard let info = wanted[path] else { return }
        if reading.proof?.path != path {
            finish(&reading)
            reading.proof = StorePathProof(info)
        }
        let place = Array(components.dropFirst(folder.count + 1))
        let files = reading.files
        try reading.proof?.take(member, place, &reader) { files[$0] }
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
        if !isDirectory, folder.starts(with: components) { return true }
        guard let last = components.last, let target = Whiteout.target(of: last) else { return false }
        let parent = components.dropLast()
        guard folder.starts(with: parent) else { return false }
        return target == Whiteout.everything || parent.count < folder.count && folder[parent.count] == target
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
