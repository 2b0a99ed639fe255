/// Store paths and what they refer to: closed, so that each reference is one of them.
public struct ClosureGraph: Sendable {
    /// The paths in byte order.
    public let infos: [PathInfo]
    /// Where the closure begins, as the user named them, each once.
    public let roots: [StorePath]
    let places: [StorePath: Int]
    /// The places of what each one refers to, itself left out.
    let references: [[Int]]

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
