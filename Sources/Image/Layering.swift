public import NixClosure

/// Which store paths share a layer.
public struct Layering: Sendable {
    /// How layers are made.
    public enum Rule: String, CaseIterable, Sendable {
        /// One for all.
        case single
        /// One for each, as long as there is room; the rest, the smallest, share one.
        case path
        /// One for those that change together: see `SizeCohorts`.
        case cohort
    }

    /// What the layers have to keep to.
    public struct Limits {
        /// The most layers.
        public var layers = 100
        /// Layers of fewer bytes are put together.
        public var floor: UInt64 = 1 << 20
        /// What has a layer of its own.
        public var isPinned: (StorePath) -> Bool = { _ in false }

        /// A hundred layers of a mebibyte or more.
        public init() {}
    }

    /// The layers, the lowest first, each with its paths in byte order.
    public let layers: [[StorePath]]
    /// Paths that were to have layers of their own, and have not: there are not layers enough.
    public let crowded: [StorePath]

    /// Layers for the closure. Those of a previous image stay as they are, as far as all their paths are still there:
    /// then a new dependency adds a layer, and moves nothing. Paths that lie below already are in none.
    public init(
        _ graph: ClosureGraph, _ rule: Rule, _ limits: Limits, previous: [[StorePath]] = [],
        below: Set<StorePath> = []
    ) {
        var kept = Self.kept(previous, graph, limits, below)
        var isKept = below.union(kept.joined())
        let hasMore = graph.infos.contains { !isKept.contains($0.path) }
        if kept.count > limits.layers || hasMore && kept.count == limits.layers {
            // Without room the topmost of the old layers is made anew, with what is new.
            kept.removeLast(min(kept.count, kept.count - limits.layers + 1))
            isKept = below.union(kept.joined())
        }
        let rest = graph.dependenciesFirst.filter { !isKept.contains($0.path) }
        let made = rest.isEmpty ? [] : Self.made(rest, graph, rule, limits, most: max(1, limits.layers - kept.count))
        layers = (kept + made).map { $0.sorted() }
        crowded = layers.filter { $0.count > 1 }.joined().filter(limits.isPinned)
    }

    /// Old layers whose paths are all there, none of them twice, and none of which a pin takes apart.
    private static func kept(
        _ previous: [[StorePath]], _ graph: ClosureGraph, _ limits: Limits, _ below: Set<StorePath>
    ) -> [[StorePath]] {
        var seen = below
        return previous.filter { layer in
            let isWhole = layer.allSatisfy { graph[$0] != nil && !seen.contains($0) }
            let isApart = layer.count == 1 || !layer.contains(where: limits.isPinned)
            guard !layer.isEmpty, isWhole, isApart else { return false }
            seen.formUnion(layer)
            return true
        }
    }

    private static func made(
        _ rest: [PathInfo], _ graph: ClosureGraph, _ rule: Rule, _ limits: Limits, most: Int
    ) -> [[StorePath]] {
        let pinned = rest.filter { limits.isPinned($0.path) }.prefix(most - 1)
        let isPinned = Set(pinned.map(\.path))
        let free = rest.filter { !isPinned.contains($0.path) }
        let room = most - pinned.count
        let groups: [[PathInfo]] =
            switch rule {
            case .single: [free]
            case .path: apart(free, most: room)
            case .cohort: SizeCohorts(free, graph, most: room, floor: limits.floor).groups
            }
        return (groups.filter { !$0.isEmpty } + pinned.map { [$0] }).map { $0.map(\.path) }
    }

    /// The largest by themselves, the others together below them.
    private static func apart(_ infos: [PathInfo], most: Int) -> [[PathInfo]] {
        guard infos.count > most else { return infos.map { [$0] } }
        let bySize = infos.sorted { ($1.narSize ?? 0, $0.path) < ($0.narSize ?? 0, $1.path) }
        let largest = Set(bySize.prefix(most - 1).map(\.path))
        return [infos.filter { !largest.contains($0.path) }] + infos.filter { largest.contains($0.path) }.map { [$0] }
    }
}
