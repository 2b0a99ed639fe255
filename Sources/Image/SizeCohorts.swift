import NixClosure

/// Groups of store paths that are likely to change together, found by size.
///
/// The largest paths, and the roots, are marked. A path belongs with all those that have the same marks above them, as far as
/// the next mark on each way: what only one marked path leads to goes with it, and what two lead to has a group of its
/// own. So a large path never shares a layer with the application, which changes more often than anything else, and a new version of one
/// library leaves the others alone. The more paths are marked, the more groups there are; as many are as there is room for.
/// Source: nixpkgs, `pkgs/build-support/docker/auto-layer.py`, whose idea this is.
struct SizeCohorts {
    /// The group of the smallest first but for those of the roots, which come last.
    let groups: [[PathInfo]]

    init(_ infos: [PathInfo], _ graph: ClosureGraph, most: Int, floor: UInt64) {
        let marks = Marks(graph)
        let candidates = infos.filter { ($0.narSize ?? 0) >= floor && !graph.roots.contains($0.path) }
            .sorted { ($1.narSize ?? 0, $0.path) < ($0.narSize ?? 0, $1.path) }
        var groups = Self.joined(marks.groups(of: infos, []), graph, floor: floor)
        var marked: Set<StorePath> = []
        for candidate in candidates {
            marked.insert(candidate.path)
            let more = Self.joined(marks.groups(of: infos, marked), graph, floor: floor)
            if more.count > most { break }
            groups = more
        }
        while groups.count > most { groups = [groups[0] + groups[1]] + groups.dropFirst(2) }
        self.groups = groups
    }

    /// Small groups become one, at the bottom, unless a root is in them.
    private static func joined(
        _ groups: [[PathInfo]], _ graph: ClosureGraph, floor: UInt64
    ) -> [[PathInfo]] {
        let roots = Set(graph.roots)
        let (tops, others) = groups.split { $0.contains { roots.contains($0.path) } }
        let (small, large) = others.split { size($0) < floor }
        let sorted = large.sorted { (size($1), $0[0].path) < (size($0), $1[0].path) }
        return (small.isEmpty ? [] : [small.flatMap(\.self)]) + sorted + tops
    }

    private static func size(_ group: [PathInfo]) -> UInt64 { group.reduce(0) { $0 + ($1.narSize ?? 0) } }
}

/// Which marked paths stand next above each path.
private struct Marks {
    private let order: [PathInfo]
    private let roots: Set<StorePath>

    init(_ graph: ClosureGraph) {
        order = graph.dependenciesFirst.reversed()
        roots = Set(graph.roots)
    }

    /// The paths by their marks, each group in byte order, the groups by their first paths.
    func groups(of infos: [PathInfo], _ marked: Set<StorePath>) -> [[PathInfo]] {
        var above: [StorePath: Set<StorePath>] = [:]
        var own: [StorePath: Set<StorePath>] = [:]
        for info in order {
            let isMarked = marked.contains(info.path) || roots.contains(info.path)
            let marks = isMarked ? [info.path] : above[info.path, default: []]
            own[info.path] = marks
            for reference in info.references where reference != info.path {
                above[reference, default: []].formUnion(marks)
            }
        }
        let groups = Dictionary(grouping: infos) { own[$0.path, default: []] }
        return groups.values.map { $0.sorted { $0.path < $1.path } }.sorted { $0[0].path < $1[0].path }
    }
}

extension Array {
    /// Those for which it holds, and the others.
    fileprivate func split(_ holds: (Element) -> Bool) -> ([Element], [Element]) {
        (filter(holds), filter { !holds($0) })
    }
}
