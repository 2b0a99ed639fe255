import SystemCalls

/// How much each path of a closure brings. All sizes are those of Nix archives, in bytes.
public struct ClosureSizes: Sendable {
    /// A path's sizes.
    public struct Row: Sendable {
        /// What is known of it.
        public let info: PathInfo
        /// Its own size.
        public let own: UInt64
        /// With all that it leads to.
        public let closure: UInt64
        /// What would go if it went: a root from the roots, any other path from all that refer to it.
        public let alone: UInt64
        /// How many paths that would be.
        public let pathsAlone: Int
    }

    /// The paths in byte order.
    public let rows: [Row]
    /// The sum over all paths.
    public let total: UInt64

    /// Adds up. A path whose size is not known counts nothing.
    public init(_ graph: ClosureGraph) {
        let own = graph.infos.map { $0.narSize ?? 0 }
        let roots = Set(graph.roots)
        let dominators = Dominators(
            references: graph.references, roots: graph.roots.compactMap { graph.places[$0] })
        let alone = dominators.sums(of: own)
        let pathsAlone = dominators.sums(of: own.map { _ in 1 })
        let closures = ReachSums.sums(of: own, references: graph.references)
        total = own.saturatedSum
        rows = graph.infos.indices.map { place in
            let info = graph.infos[place]
            // A root that others refer to stays when it is not asked for any more.
            let gone = roots.contains(info.path) ? graph.broughtAlone(by: info.path) : nil
            return Row(
                info: info, own: own[place], closure: closures[place],
                alone: gone?.lazy.map { $0.narSize ?? 0 }.saturatedSum ?? alone[place],
                pathsAlone: gone?.count ?? Int(pathsAlone[place]))
        }
    }
}
