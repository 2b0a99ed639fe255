import NixClosure
import SystemCalls

/// Groups of store paths that are likely to change together, found by size.
///
/// The largest paths, and the roots, are marked. A path belongs with all those that have the same marks above them, as
/// far as the next mark on each way: what only one marked path leads to goes with it, and what two lead to has a group
/// of its own. So a large path never shares a layer with the application, which changes more often than anything else,
/// and a new version of one library leaves the others alone. The more paths are marked, the more groups there are; as
/// many are as there is room for. Source: nixpkgs, `pkgs/build-support/docker/auto-layer.py`, whose idea this is.
struct SizeCohorts {
    /// The group of the smallest first but for those of the roots, which come last.
    let groups: [[PathInfo]]

    init(_ infos: [PathInfo], _ graph: ClosureGraph, most: Int, floor: UInt64) {
        let roots = Set(graph.roots)
        let candidates = infos.filter { ($0.narSize ?? 0) >= floor && !roots.contains($0.path) }
            .sorted { ($1.narSize ?? 0, $0.path) < ($0.narSize ?? 0, $1.path) }
        var marked = MarkedGraph(graph, counting: infos, floor: floor)
        for place in candidates.compactMap({ graph.places[$0.path] }) {
            let changes = marked.mark(place)
            if marked.layerCount > most {
                marked.takeBack(changes)
                break
            }
        }
        let groups = Self.joined(marked.groups, roots, floor: floor)
        let extra = max(0, groups.count - most)
        self.groups = extra == 0 ? groups : [groups[...extra].flatMap(\.self)] + groups[(extra + 1)...]
    }

    /// Small groups become one, at the bottom, unless a root is in them.
    private static func joined(_ groups: [[PathInfo]], _ roots: Set<StorePath>, floor: UInt64) -> [[PathInfo]] {
        let (tops, others) = groups.split { $0.contains { roots.contains($0.path) } }
        let sized = others.map { (paths: $0, size: $0.map { $0.narSize ?? 0 }.saturatedSum) }
        let (small, large) = sized.split { $0.size < floor }
        let sorted = large.sorted { ($1.size, $0.paths[0].path) < ($0.size, $1.paths[0].path) }
        return (small.isEmpty ? [] : [small.flatMap(\.paths)]) + sorted.map(\.paths) + tops
    }
}

extension Array {
    /// Those for which it holds, and the others.
    fileprivate func split(_ holds: (Element) -> Bool) -> ([Element], [Element]) {
        (filter(holds), filter { !holds($0) })
    }
}
