extension ClosureGraph {
    /// Each path after all that it refers to, as `nix-store --query --requisites` has them; within a cycle, and
    /// among those that do not depend on each other, in byte order.
    public var dependenciesFirst: [PathInfo] {
        var order: [Int] = []
        var isSeen = [Bool](repeating: false, count: infos.count)
        for root in roots.sorted().compactMap({ places[$0] }) where !isSeen[root] {
            var stack = [(place: root, next: 0)]
            isSeen[root] = true
            while let last = stack.indices.last {
                let (place, next) = stack[last]
                guard next < references[place].count else {
                    order.append(place)
                    stack.removeLast()
                    continue
                }
                stack[last].next += 1
                let below = references[place][next]
                if !isSeen[below] { stack.append((below, 0)) }
                isSeen[below] = true
            }
        }
        return order.map { infos[$0] }
    }

    /// What these lead to.
    func reached(from starts: [Int]) -> [Bool] {
        var isReached = [Bool](repeating: false, count: infos.count)
        var pending = starts
        while let place = pending.popLast() {
            if isReached[place] { continue }
            isReached[place] = true
            pending += references[place].filter { !isReached[$0] }
        }
        return isReached
    }

    /// The path and all that it leads to, in byte order.
    public func closure(of path: StorePath) -> [PathInfo] {
        let isReached = reached(from: places[path].map { [$0] } ?? [])
        return infos.indices.filter { isReached[$0] }.map { infos[$0] }
    }

    /// What only this one of the roots leads to: it would go with it. In byte order.
    public func broughtAlone(by root: StorePath) -> [PathInfo] {
        let isKept = reached(from: roots.filter { $0 != root }.compactMap { places[$0] })
        let isReached = reached(from: places[root].map { [$0] } ?? [])
        return infos.indices.filter { isReached[$0] && !isKept[$0] }.map { infos[$0] }
    }

    /// The shortest way from a root to the path, both included; among several the first in byte order. nil for what does
    /// not belong to the closure.
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

    /// Who refers to it, itself left out, in byte order.
    public func referrers(of path: StorePath) -> [StorePath] {
        guard let goal = places[path] else { return [] }
        return infos.indices.filter { references[$0].contains(goal) }.map { infos[$0].path }
    }
}
