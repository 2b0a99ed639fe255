import NixClosure
import SystemCalls

/// Modes, owners and times of what an image has in its store. Modes are Nix's; owner and time are what most entries
/// have.
struct StoreMetadata {
    private let store: Store
    private let folder: Path
    private var entries: [Path: [LayerContent.Entry]] = [:]
    private var owners: [Ownership: Int] = [:]
    private var times: [Int64: Int] = [:]

    init(in store: Store) {
        self.store = store
        folder = Path(joining: store.directory.components)
    }

    /// Notes an entry, where it belongs to a store path.
    mutating func add(_ entry: LayerContent.Entry) {
        let inside = entry.path.components.dropFirst(folder.components.count)
        guard entry.path.hasPrefix(folder), let name = inside.first, StorePath(baseName: name) != nil else { return }
        owners[entry.owner, default: 0] += 1
        times[entry.modified, default: 0] += 1
        entries[name, default: []].append(entry)
    }

    /// Removes the entries of a store path, which an upper layer removes.
    mutating func remove(_ path: StorePath) { entries[path.baseName] = nil }

    /// What stands out, a finding a store path and kind.
    var findings: [ImageFinding] {
        guard let owner = Self.usual(owners), let time = Self.usual(times) else { return [] }
        return entries.flatMap { name, entries in
            let problems = [Self.modes(entries), Self.owners(entries, owner), Self.times(entries, time)]
            return problems.compactMap { $0 }.map { ImageFinding("\(store.directory.appending(name))", $0) }
        }
    }

    private static func usual<Value: Hashable>(_ counts: [Value: Int]) -> Value? {
        // As frequent ones have an order too, so that two runs say the same.
        counts.max { ($0.value, "\($0.key)") < ($1.value, "\($1.key)") }?.key
    }

    /// 0444, or 0555 for what can be executed. Source: Nix, `canonicaliseTimestampAndPermissions`.
    private static func modes(_ entries: [LayerContent.Entry]) -> ImageFinding.Problem? {
        let others = entries.filter { entry in
            guard let mode = entry.mode?.rawValue else { return false }
            return mode != 0o555 && (entry.isDirectory || mode != 0o444)
        }
        guard let first = others.first, let mode = first.mode else { return nil }
        return .mode(count: others.count, first: Path("/").appending(first.path), found: mode.rawValue)
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
