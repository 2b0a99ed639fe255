import NixClosure
import SystemCalls
import Tar

/// What a layer does to a store in the layers below it.
struct StoreChanges: Sendable {
    /// Store paths that it has.
    private(set) var found: Set<StorePath> = []
    /// Store paths of which it has something, or hides it.
    private(set) var touched: Set<StorePath> = []
    /// Nothing of the store below is seen any more.
    private(set) var hidesStore = false
    private let folder: [Path]

    /// Those by a layer: told, or else read.
    init(by layer: StoredImage.Layer, in store: Store, _ isCancelled: @escaping () -> Bool) throws(PathError) {
        folder = store.directory.components
        let annotations = layer.descriptor.annotations
        if let told = annotations[LayerPlan.storePathsKey] {
            touched = Self.list(told)
            found = touched.subtracting(Self.list(annotations[LayerPlan.prunedKey] ?? ""))
        } else {
            try layer.forEachMember(isCancelled) { member, _ in
                take(member)
                return true
            }
        }
    }

    private static func list(_ text: String) -> Set<StorePath> {
        Set(text.split(separator: " ").compactMap { StorePath(baseName: Path(String($0))) })
    }

    private mutating func take(_ member: Member) {
        let components = Path(member.path).components
        if hides(components, isDirectory: member.kind == .directory) { hidesStore = true }
        guard components.count > folder.count, components.starts(with: folder) else { return }
        let name = components[folder.count]
        if let path = StorePath(baseName: Whiteout.target(of: name) ?? name) { touched.insert(path) }
        if components.count == folder.count + 1, let path = StorePath(baseName: name) { found.insert(path) }
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
