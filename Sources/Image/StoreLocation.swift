package import NixClosure
public import SystemCalls
import Tar

/// The directory of the store in the layers of an image, and the directories that lead to it.
public struct StoreLocation: Sendable {
    /// The directory, without a leading slash.
    public let path: Path
    let directories: [ArchiveItem]
    /// A description of each directory with metadata of a base, for the cache key of a layer.
    let content: [String]

    /// The location without a base, or on a base without the store.
    init(_ store: Store) {
        path = Path(joining: store.directory.components)
        let item = ArchiveItem(path, .directory(mode: 0o755))
        directories = BaseTree(store: path).addingDirectories(to: [item])
        content = []
    }

    /// The location on a base, whose symlinks are followed.
    ///
    /// - Throws: An error if the base has an entry at the location of the store that is not a directory.
    package init(_ store: Store, on tree: BaseTree, of base: Path) throws(PathError) {
        path = try Self.follow(store, tree, base)
        let location = path
        directories = tree.addingDirectories(to: [ArchiveItem(path, .directory(mode: 0o755))])
        content = directories.compactMap { item in
            guard case .existingDirectory(let metadata) = item.content else { return nil }
            return "directory \(location.bytes) \(item.path.bytes) \(metadata.fingerprint)"
        }
    }

    private static func follow(_ store: Store, _ tree: BaseTree, _ base: Path) throws(PathError) -> Path {
        var path = Path([])
        var isInBase = true
        for name in store.directory.components {
            path = path.appending(name)
            guard isInBase else { continue }
            switch tree.entry(at: path) {
            case nil: isInBase = false
            case .directory: break
            case .link(let end): path = end
            case .other(let text, _):
                throw PathError(
                    base,
                    "the base \(base.quoted) has \(Path("/").appending(path).quoted) as \(text); the store needs a "
                        + "directory there; use a base that has one")
            }
        }
        return path
    }
}
