import NixClosure
import SystemCalls

/// Modes, owners, times and attributes of the entries that an image has in its store. In layers that repot wrote, modes
/// are Nix's, and owner and time are those of most entries. In each layer, no entry grants a privilege.
struct StoreMetadata {
    private struct Item {
        let entry: LayerContent.Entry
        /// Whether repot wrote the layer.
        let isOwn: Bool
    }

    private let store: Store
    private let folder: Path
    /// The entries in layers that repot wrote, by the name of the store path.
    private var own: [Path: [LayerContent.Entry]] = [:]
    /// The other entries that grant a privilege, in or outside the store.
    private var privileged: [Path: LayerContent.Entry] = [:]
    private var owners: [Ownership: Int] = [:]
    private var times: [Int64: Int] = [:]
    /// The first names of files, by their further ones: a hard link gives its mode and attributes to the file.
    private var firstNames: [Path: Path] = [:]

    init(in store: Store) {
        self.store = store
        folder = Path(joining: store.directory.components)
    }

    /// Adds an entry of a layer on top of the entries before it.
    mutating func add(_ entry: LayerContent.Entry, isOwn: Bool) {
        if entry.linkTarget != nil || !firstNames.isEmpty {
            firstNames[entry.path] = entry.linkTarget.map { firstNames[$0] ?? $0 }
        }
        guard isOwn, let name = storePath(of: entry.path) else {
            if entry.isPrivileged || !privileged.isEmpty {
                privileged[entry.path] = entry.isPrivileged ? entry : nil
            }
            return
        }
        own[name, default: []].append(entry)
        owners[entry.owner, default: 0] += 1
        times[entry.modified, default: 0] += 1
    }

    /// Removes the entries of the layers below that a layer removes.
    mutating func remove(by whiteouts: [LayerContent.Entry]) {
        if privileged.isEmpty || whiteouts.isEmpty { return }
        let removed = Set(whiteouts.compactMap(\.removedPath))
        privileged = privileged.filter { path, _ in
            var path = path
            while !path.bytes.isEmpty {
                if removed.contains(path) { return false }
                path = Path(joining: path.components.dropLast())
            }
            return true
        }
    }

    /// Removes the entries of a store path, which an upper layer removes.
    mutating func remove(_ path: StorePath) { own[path.baseName] = nil }

    /// The name of the store path to which an entry belongs.
    private func storePath(of path: Path) -> Path? {
        guard path.hasPrefix(folder) else { return nil }
        return path.components.dropFirst(folder.components.count).first.flatMap { StorePath(baseName: $0)?.baseName }
    }

    /// The faults, one for each store path and kind.
    var findings: [ImageFinding] {
        var items = own.mapValues { $0.map { Item(entry: $0, isOwn: true) } }
        // Files of store paths that have their first name elsewhere.
        let holders = Dictionary(
            firstNames.compactMap { link, first in storePath(of: link).map { (first, $0) } }, uniquingKeysWith: min)
        for (path, entry) in privileged.sorted(by: { $0.key < $1.key }) {
            let first = firstNames[path] ?? path
            guard let name = storePath(of: path) ?? storePath(of: first) ?? holders[first] else { continue }
            items[name, default: []].append(Item(entry: entry, isOwn: false))
        }
        let (owner, time) = (Self.usual(owners), Self.usual(times))
        return items.flatMap { name, items in
            let own = items.filter(\.isOwn).map(\.entry)
            let problems = [
                Self.modes(items), Self.attributes(items), Self.special(items),
                owner.flatMap { Self.owners(own, $0) }, time.flatMap { Self.times(own, $0) },
            ]
            return problems.compactMap { $0 }.map { ImageFinding("\(store.directory.appending(name))", $0) }
        }
    }

    private static func usual<Value: Hashable>(_ counts: [Value: Int]) -> Value? {
        // As frequent ones have an order too, so that two runs say the same.
        counts.max { ($0.value, "\($0.key)") < ($1.value, "\($1.key)") }?.key
    }

    /// 0444, or 0555 for executable files and directories. Source: Nix, `canonicaliseTimestampAndPermissions`.
    private static func modes(_ items: [Item]) -> ImageFinding.Problem? {
        let others = items.filter { $0.isOwn ? !$0.entry.hasModeOfStore : $0.entry.hasPrivilegedMode }.map(\.entry)
        guard let first = others.first, let mode = first.mode else { return nil }
        return .mode(count: others.count, first: Path("/").appending(first.path), found: mode.rawValue)
    }

    private static func attributes(_ items: [Item]) -> ImageFinding.Problem? {
        let others = items.map(\.entry).filter { !$0.attributes.isEmpty }
        guard let first = others.first, let name = first.attributes.first else { return nil }
        return .attribute(count: others.count, first: Path("/").appending(first.path), name: name)
    }

    private static func special(_ items: [Item]) -> ImageFinding.Problem? {
        let others = items.map(\.entry).filter(\.isSpecial)
        return others.first.map { .special(count: others.count, first: Path("/").appending($0.path)) }
    }

    private static func owners(_ entries: [LayerContent.Entry], _ usual: Ownership) -> ImageFinding.Problem? {
        let others = entries.filter { $0.owner != usual }
        return others.first.map {
            .owner(count: others.count, first: Path("/").appending($0.path), found: $0.owner, usual: usual)
        }
    }

    private static func times(_ entries: [LayerContent.Entry], _ usual: Int64) -> ImageFinding.Problem? {
        let others = entries.filter { $0.modified != usual }
        return others.first.map {
            .time(count: others.count, first: Path("/").appending($0.path), found: $0.modified, usual: usual)
        }
    }
}

extension LayerContent.Entry {
    fileprivate var hasModeOfStore: Bool {
        guard let mode = mode?.rawValue else { return true }
        return mode == 0o555 || !isDirectory && mode == 0o444
    }

    /// set-user-ID, set-group-ID, sticky, or write permission for the group or others.
    fileprivate var hasPrivilegedMode: Bool {
        mode.map { !$0.isDisjoint(with: .special.union(.writeByOthers)) } ?? false
    }

    /// Whether the entry grants a privilege, or has what no entry of a store has.
    var isPrivileged: Bool { hasPrivilegedMode || !attributes.isEmpty || isSpecial }
}
