extension ClosureGraph {
    /// Each path after all that it refers to, as `nix-store --query --requisites` has them; within a cycle, and
    /// among those that do not depend on each other, in byte order.
    public var dependenciesFirst: [PathInfo] {
        placesDependenciesFirst.map { infos[$0] }
    }

    /// The places of the same.
    package var placesDependenciesFirst: [Int] {
        DepthFirst.finished(references, from: roots.sorted().compactMap { places[$0] })
    }

    /// The store paths of a package: those with this name and version, such as `gcc-13.2.0-lib`, or else those with
    /// this name and any version. They are in byte order.
    public func storePaths(ofPackage name: String) -> [StorePath] {
        let paths = infos.map(\.path)
        let exact = paths.filter { $0.name.utf8.elementsEqual(name.utf8) }
        return exact.isEmpty ? paths.filter { PackageName($0).name.utf8.elementsEqual(name.utf8) } : exact
    }

    /// What these lead to.
    func reached(from starts: [Int]) -> [Bool] {
        var isReached = [Bool](repeating: false, count: infos.count)
        Self.mark(&isReached, references, from: starts)
        return isReached
    }

    /// What only this one of the roots leads to: it would go with it. In byte order.
    public func broughtAlone(by root: StorePath) -> [PathInfo] {
        let isKept = reached(from: roots.filter { $0 != root }.compactMap { places[$0] })
        let isReached = reached(from: places[root].map { [$0] } ?? [])
        return infos.indices.filter { isReached[$0] && !isKept[$0] }.map { infos[$0] }
    }

    /// The shortest way from a root to the path, both included; among several the first in byte order. nil for what
    /// does not belong to the closure.
    public func chain(to path: StorePath) -> [StorePath]? {
        guard let goal = places[path] else { return nil }
        var cameFrom = [Int?](repeating: nil, count: infos.count)
        var isSeen = [Bool](repeating: false, count: infos.count)
        var wave = roots.sorted().compactMap { places[$0] }
        for root in wave { isSeen[root] = true }
        while !wave.isEmpty, !isSeen[goal] {
            var next: [Int] = []
            for place in wave {
                for below in references[place] where !isSeen[below] {
                    isSeen[below] = true
                    cameFrom[below] = place
                    next.append(below)
                }
            }
            wave = next
        }
        guard isSeen[goal] else { return nil }
        let back = sequence(first: goal) { cameFrom[$0] }
        return back.map { infos[$0].path }.reversed()
    }
}
