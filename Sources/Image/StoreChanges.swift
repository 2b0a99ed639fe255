import NixClosure
import SystemCalls
import Tar

/// The changes that a layer makes to a store in the layers below it.
struct StoreChanges: Sendable {
    /// The wanted store paths that are complete in the layer.
    private(set) var found: Set<StorePath> = []
    /// Store paths of which it has something, or hides it.
    private(set) var touched: Set<StorePath> = []
    /// Nothing of the store below is seen any more.
    private(set) var hidesStore = false
    private let folder: [Path]

    /// Reads the store paths from the layer's annotations, or else reads the layer and checks the wanted store paths in
    /// it.
    init(
        by layer: StoredImage.Layer, in store: Store, _ wanted: [StorePath: PathInfo],
        _ isCancelled: @escaping () -> Bool
    ) throws(PathError) {
        folder = store.directory.components
        let annotations = layer.descriptor.annotations
        if let listed = annotations[LayerPlan.storePathsKey] {
            touched = Self.list(listed)
            found = touched.subtracting(Self.list(annotations[LayerPlan.prunedKey] ?? ""))
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

    private static func list(_ text: String) -> Set<StorePath> {
        Set(text.split(separator: " ").compactMap { StorePath(baseName: Path(String($0))) })
    }

    private mutating func take(
        _ member: Member, _ reader: inout TarReader, _ wanted: [StorePath: PathInfo], _ reading: inout Reading
    ) throws(ArchiveError) {
        let components = Path(member.path).components
        if hides(components, isDirectory: member.kind == .directory) { hidesStore = true }
        if member.kind == .regular { reading.files[Path(joining: components)] = StorePathProof.File(member) }
        guard components.count > folder.count, components.starts(with: folder) else { return }
        let name = components[folder.count]
        if let path = StorePath(baseName: Whiteout.target(of: name) ?? name) { touched.insert(path) }
        guard let path = StorePath(baseName: name), let info = wanted[path] else { return }
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
    private func hides(_ components: [Path], isDirectory: Bool) -> Bool {
        if !isDirectory, folder.starts(with: components) { return true }
        guard let last = components.last, let target = Whiteout.target(of: last) else { return false }
        let parent = components.dropLast()
        guard folder.starts(with: parent) else { return false }
        return target == Whiteout.everything || parent.count < folder.count && folder[parent.count] == target
    }
}

/// Names that say what a layer hides. Source: OCI image specification, layer.md, 'Whiteouts'.
enum Whiteout {
    static let everything: Path = ".wh..opq"

    /// What the name hides beside it; nil for any other name.
    static func target(of name: Path) -> Path? {
        let prefix = Array(".wh.".utf8)
        return name.bytes.starts(with: prefix) ? Path(name.bytes.dropFirst(prefix.count)) : nil
    }
}
