/// What a closure must keep to.
public struct ClosureLimits {
    /// The most bytes, as Nix archives.
    public var bytes: UInt64?
    /// The most paths.
    public var paths: Int?
    /// What no path's name may match, and as what the user knows it.
    public var denied: [(pattern: String, matches: (StorePath) -> Bool)] = []

    /// No limit.
    public init() {}

    /// What breaks them, in the order: size, number, names.
    public func violations(_ graph: ClosureGraph, _ sizes: ClosureSizes) -> [ClosureViolation] {
        let largest = sizes.rows.max { ($0.own, $1.info.path) < ($1.own, $0.info.path) }
        var found: [ClosureViolation] = []
        if let bytes, sizes.total > bytes {
            found.append(
                ClosureViolation(.size(sizes.total, most: bytes), largest?.info.path, graph))
        }
        if let paths, graph.infos.count > paths {
            let roots = Set(graph.roots)
            let bringer = sizes.rows.filter { !roots.contains($0.info.path) }
                .max { ($0.pathsAlone, $1.info.path) < ($1.pathsAlone, $0.info.path) }
            found.append(ClosureViolation(.count(graph.infos.count, most: paths), bringer?.info.path, graph))
        }
        for (pattern, matches) in denied {
            found += graph.infos.filter { matches($0.path) }.map {
                ClosureViolation(.denied(pattern), $0.path, graph)
            }
        }
        return found
    }
}

/// A limit that a closure breaks, and by what.
public struct ClosureViolation: Sendable {
    /// Which one.
    public enum Limit: Hashable, Sendable {
        /// So many bytes, and the most that are allowed: the offender is the largest path.
        case size(UInt64, most: UInt64)
        /// So many paths, and the most that are allowed: the offender is what brings most of them, a root aside.
        case count(Int, most: Int)
        /// The pattern that the offender's name matches.
        case denied(String)
    }

    /// Which one.
    public let limit: Limit
    /// What breaks it, or has the largest part in that; nil in a closure of roots alone.
    public let offender: StorePath?
    /// The shortest way from a root to the offender.
    public let chain: [StorePath]

    init(_ limit: Limit, _ offender: StorePath?, _ graph: ClosureGraph) {
        self.limit = limit
        self.offender = offender
        chain = offender.flatMap(graph.chain(to:)) ?? []
    }
}
