/// Store paths and what they refer to: closed, so that each reference is one of them.
public struct ClosureGraph: Sendable {
    /// The paths in byte order.
    public let infos: [PathInfo]
    /// Where the closure begins, as the user named them, each once.
    public let roots: [StorePath]
    private let places: [StorePath: Int]
    /// The places of what each one refers to, itself left out.
    private let references: [[Int]]

    /// All that the roots lead to, of what the source tells. A reference that it does not know is an error.
    public init(_ known: some Sequence<PathInfo>, roots: [StorePath], in store: Store) throws(ClosureError) {
        let known = Dictionary(known.map { ($0.path, $0) }) { first, _ in first }
        var reached: [StorePath: PathInfo] = [:]
        var pending = roots
        while let path = pending.popLast() {
            if reached[path] != nil { continue }
            guard let info = known[path] else { throw .unknown(store.path(of: path)) }
            reached[path] = info
            pending += info.references
        }
        infos = reached.values.sorted { $0.path < $1.path }
        var seen: Set<StorePath> = []
        self.roots = roots.filter { seen.insert($0).inserted }
        let places = Dictionary(uniqueKeysWithValues: infos.enumerated().map { ($1.path, $0) })
        self.places = places
        references = infos.map { info in info.references.filter { $0 != info.path }.compactMap { places[$0] } }
    }

    /// Those that nothing else refers to: what a closure begins with whose roots nobody has named.
    public static func tops(of infos: [PathInfo]) -> [StorePath] {
        var below: Set<StorePath> = []
        for info in infos { below.formUnion(info.references.filter { $0 != info.path }) }
        let tops = infos.map(\.path).filter { !below.contains($0) }
        // In a cycle everything has something above it.
        return tops.isEmpty ? infos.map(\.path) : tops
    }

    /// The set of paths.
    public var closure: Closure { Closure(infos.map(\.path)) }

    /// nil for what does not belong to it.
    public subscript(path: StorePath) -> PathInfo? { places[path].map { infos[$0] } }
}

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

    /// What these lead to, without going through `without`.
    private func reached(from starts: [Int], without: Int? = nil) -> [Bool] {
        var isReached = [Bool](repeating: false, count: infos.count)
        var pending = starts.filter { $0 != without }
        while let place = pending.popLast() {
            if isReached[place] { continue }
            isReached[place] = true
            pending += references[place].filter { $0 != without && !isReached[$0] }
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
