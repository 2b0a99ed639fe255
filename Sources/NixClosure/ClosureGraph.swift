/// Store paths and what they refer to: closed, so that each reference is one of them.
public struct ClosureGraph: Sendable {
    /// The paths in byte order.
    public let infos: [PathInfo]
    /// Where the closure begins, as the user named them, each once.
    public let roots: [StorePath]
    /// Where each path stands among the infos.
    package let places: [StorePath: Int]
    /// The places of what each one refers to, itself left out.
    package let references: [[Int]]

    /// The roots and all store paths that they lead to.
    ///
    /// - Parameter known: the records of the source.
    /// - Throws: An error if a root or a reference has no record.
    public init(_ known: some Sequence<PathInfo>, roots: [StorePath], in store: Store) throws(ClosureError) {
        let known = Array(known).inByteOrder.eachOnce
        let places = Dictionary(uniqueKeysWithValues: zip(known.lazy.map(\.path), known.indices))
        let below = try Self.below(known, places, from: roots, in: store)
        let reached = known.indices.filter { below[$0] != nil }
        infos = reached.map { known[$0] }
        var seen: Set<StorePath> = []
        self.roots = roots.filter { seen.insert($0).inserted }
        if reached.count == known.count {
            self.places = places
            references = below.map { $0 ?? [] }
        } else {
            var moved = [Int](repeating: 0, count: known.count)
            for (place, former) in reached.enumerated() { moved[former] = place }
            self.places = Dictionary(uniqueKeysWithValues: zip(infos.lazy.map(\.path), infos.indices))
            references = reached.map { (below[$0] ?? []).map { moved[$0] } }
        }
    }

    /// The places of what each one refers to, itself left out; nil for what the roots do not lead to.
    private static func below(
        _ known: [PathInfo], _ places: [StorePath: Int], from roots: [StorePath], in store: Store
    ) throws(ClosureError) -> [[Int]?] {
        var below = [[Int]?](repeating: nil, count: known.count)
        var pending: [Int] = []
        for root in roots { pending.append(try place(of: root, places, in: store)) }
        while let place = pending.popLast() {
            if below[place] != nil { continue }
            var references: [Int] = []
            for reference in known[place].references where reference != known[place].path {
                references.append(try Self.place(of: reference, places, in: store))
            }
            below[place] = references
            pending += references
        }
        return below
    }

    private static func place(
        of path: StorePath, _ places: [StorePath: Int], in store: Store
    ) throws(ClosureError) -> Int {
        guard let place = places[path] else { throw .unknown(store.path(of: path)) }
        return place
    }

    /// The roots of a closure if they are not known: the paths that no other path refers to, and one path of each
    /// cycle that no other path refers to. They are in byte order and lead to all paths.
    public static func tops(of infos: [PathInfo]) -> [StorePath] {
        let infos = infos.inByteOrder.eachOnce
        let (_, below) = knownReferences(infos)
        var tops: [Int] = []
        var isReached = [Bool](repeating: false, count: infos.count)
        for place in DepthFirst.finished(below, from: infos.indices).reversed() where !isReached[place] {
            tops.append(place)
            mark(&isReached, below, from: [place])
        }
        return tops.sorted().map { infos[$0].path }
    }

    /// The infos of the roots and of all store paths that they refer to, directly or not, in the order of `infos`.
    /// Paths without an info are left out.
    static func reached(_ infos: [PathInfo], from roots: [StorePath]) -> [PathInfo] {
        let (places, below) = knownReferences(infos)
        var isReached = [Bool](repeating: false, count: infos.count)
        mark(&isReached, below, from: roots.compactMap { places[$0] })
        return infos.indices.filter { isReached[$0] }.map { infos[$0] }
    }

    /// The index of each path, and the indices of its references that have an info.
    private static func knownReferences(_ infos: [PathInfo]) -> (places: [StorePath: Int], below: [[Int]]) {
        let places = Dictionary(uniqueKeysWithValues: zip(infos.lazy.map(\.path), infos.indices))
        return (places, infos.map { info in info.references.compactMap { places[$0] } })
    }

    /// Marks what these lead to, as far as it is not marked.
    static func mark(_ isReached: inout [Bool], _ below: [[Int]], from starts: [Int]) {
        var pending = starts
        while let place = pending.popLast() {
            if isReached[place] { continue }
            isReached[place] = true
            pending += below[place].lazy.filter { !isReached[$0] }
        }
    }

    /// The set of paths.
    public var closure: Closure { Closure(infos.map(\.path)) }

    /// nil for what does not belong to it.
    public subscript(path: StorePath) -> PathInfo? { places[path].map { infos[$0] } }
}
