import JSON
import Nar
public import NixClosure
public import SystemCalls
public import Tar

/// What a layer is to hold.
public struct LayerPlan: Sendable {
    /// The annotation of repot's layers that lists their store paths.
    package static let storePathsKey = "io.repot.store-paths"
    static let prunedKey = "io.repot.pruned-paths"

    /// The store paths, in byte order.
    public let storePaths: [StorePath]
    /// Those of them of which something is left out.
    public let pruned: [StorePath]
    /// The store paths that the layer removes from the layers below.
    public let removed: [StorePath]
    /// All members of its archive.
    public let items: [ArchiveItem]
    /// About how large it will be.
    public let bytes: UInt64
    /// What its bytes depend on, its options aside; nil where that is not known before it is read.
    let content: [String]?

    /// A layer of store paths, below the directories that lead to the store.
    ///
    /// - Parameter location: the directory of the store on a base; nil without a base.
    public init(
        _ infos: [PathInfo], in store: Store, at location: StoreLocation? = nil,
        excluding excluded: [StorePath: Set<Path>] = [:]
    ) {
        let infos = infos.inByteOrder
        let location = location ?? StoreLocation(store)
        storePaths = infos.map(\.path)
        pruned = storePaths.filter { !(excluded[$0] ?? []).isEmpty }
        removed = []
        items =
            location.directories
            + infos.map { info in
                ArchiveItem(
                    location.path.appending(info.path.baseName), .tree(store.physicalPath(of: info.path)),
                    excluding: excluded[info.path] ?? [])
            }
        bytes = infos.map { $0.narSize ?? 0 }.saturatedSum
        let known = infos.compactMap { info in
            info.narHash.map { hash in
                // No path holds a NUL.
                let left = excluded[info.path].map { $0.sorted().map { "\u{0}\($0)" }.joined() } ?? ""
                return "\(info.path) \(hash.base16)\(left)"
            }
        }
        content = known.count == infos.count ? ["store \(store.directory)"] + location.content + known : nil
    }

    /// A layer that removes store paths of the layers below.
    public init(removing paths: Set<StorePath>, from store: Store, at location: StoreLocation? = nil) {
        let location = location ?? StoreLocation(store)
        storePaths = []
        pruned = []
        removed = paths.sorted()
        items =
            location.directories
            + removed.map { ArchiveItem(location.path.appending(Whiteout.name(removing: $0.baseName)), .removal) }
        bytes = 0
        content = ["removal \(store.directory)"] + location.content + removed.map(\.description)
    }

    /// A layer of what lies beside the store.
    public init(_ items: [ArchiveItem]) {
        storePaths = []
        pruned = []
        removed = []
        self.items = items
        bytes = 0
        content = nil
    }

    /// For people who look at an image's history.
    var story: String {
        if !removed.isEmpty { return "removal of \(Self.list(removed)), which the base has with other content" }
        return storePaths.isEmpty ? "what lies beside the store" : Self.list(storePaths)
    }

    private static func list(_ paths: [StorePath]) -> String {
        let shown = paths.prefix(3).map(\.description).joined(separator: ", ")
        return paths.count == 1 ? shown : "\(shown)\(paths.count > 3 ? ", …" : "") (\(paths.count) paths)"
    }
}
