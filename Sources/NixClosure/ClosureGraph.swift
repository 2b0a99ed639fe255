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

    /// All that the roots lead to, of what the source tells. A reference that it does not know is an error.
    public init(_ known: some Sequence<PathInfo>, roots: [StorePath], in store: Store) throws(ClosureError) {
        infos = try Self.reached(from: roots, Array(known).inByteOrder, in: store)
        var seen: Set<StorePath> = []
        self.roots = roots.filter { seen.insert($0).inserted }
        let places = Dictionary(uniqueKeysWithValues: zip(infos.lazy.map(\.path), infos.indices))
        self.places = places
        references = infos.map { info in info.references.filter { $0 != info.path }.compactMap { places[$0] } }
    }

    /// In the same order, each once.
    private static func reached(
        from roots: [StorePath], _ known: [PathInfo], in store: Store
    ) throws(ClosureError) -> [PathInfo] {
        let places = Dictionary(zip(known.lazy.map(\.path), known.indices)) { first, _ in first }
        var isReached = [Bool](repeating: false, count: known.count)
        var pending = roots
        while let path = pending.popLast() {
            guard let place = places[path] else { throw .unknown(store.path(of: path)) }
            if isReached[place] { continue }
            isReached[place] = true
            pending += known[place].references
        }
        return known.indices.filter { isReached[$0] }.map { known[$0] }
    }

    /// What a closure begins with whose roots nobody has named: those that nothing else refers to, and of each cycle
    /// that nothing else refers to, one. In byte order; they lead to all.
    public static func tops(of infos: [PathInfo]) -> [StorePath] {
        let references = Dictionary(infos.map { ($0.path, $0.references) }) { first, _ in first }
        let paths = references.keys.sorted()
        let places = Dictionary(uniqueKeysWithValues: zip(paths, paths.indices))
        let below = paths.map { path in (references[path] ?? []).compactMap { places[$0] } }
        var tops: [Int] = []
        var isReached = [Bool](repeating: false, count: paths.count)
        for place in DepthFirst.finished(below, from: paths.indices).reversed() where !isReached[place] {
            tops.append(place)
            mark(&isReached, below, from: [place])
        }
        return tops.sorted().map { paths[$0] }
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
