import NixClosure

/// The groups of `SizeCohorts`, worked out anew for each mark: slow, and simple enough to be right.
struct FormerSizeCohorts {
    let groups: [[PathInfo]]

    init(_ infos: [PathInfo], _ graph: ClosureGraph, most: Int, floor: UInt64) {
        let candidates = infos.filter { ($0.narSize ?? 0) >= floor && !graph.roots.contains($0.path) }
            .sorted { ($1.narSize ?? 0, $0.path) < ($0.narSize ?? 0, $1.path) }
        var groups = Self.joined(Self.groups(of: infos, graph, []), graph, floor: floor)
        var marked: Set<StorePath> = []
        for candidate in candidates {
            marked.insert(candidate.path)
            let more = Self.joined(Self.groups(of: infos, graph, marked), graph, floor: floor)
            if more.count > most { break }
            groups = more
        }
        while groups.count > most { groups = [groups[0] + groups[1]] + groups.dropFirst(2) }
        self.groups = groups
    }

    private static func joined(_ groups: [[PathInfo]], _ graph: ClosureGraph, floor: UInt64) -> [[PathInfo]] {
        let isTop = { (group: [PathInfo]) in group.contains { graph.roots.contains($0.path) } }
        let others = groups.filter { !isTop($0) }
        let small = others.filter { size($0) < floor }
        let large = others.filter { size($0) >= floor }
            .sorted { (size($1), $0[0].path) < (size($0), $1[0].path) }
        return (small.isEmpty ? [] : [small.flatMap(\.self)]) + large + groups.filter(isTop)
    }

    private static func size(_ group: [PathInfo]) -> UInt64 { group.reduce(0) { $0 + ($1.narSize ?? 0) } }

    private static func groups(
        of infos: [PathInfo], _ graph: ClosureGraph, _ marked: Set<StorePath>
    ) -> [[PathInfo]] {
        var above: [StorePath: Set<StorePath>] = [:]
        var own: [StorePath: Set<StorePath>] = [:]
        for info in graph.dependenciesFirst.reversed() {
            let isMarked = marked.contains(info.path) || graph.roots.contains(info.path)
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
