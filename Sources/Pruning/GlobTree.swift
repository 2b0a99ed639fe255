import SystemCalls

/// Patterns that are matched together. Patterns that begin alike share nodes, so that a name is compared once with
/// each different component, and not at all with components that are plain names.
final class GlobTree: Sendable {
    /// A limit that patterns exceed.
    struct Excess: Error {
        let description: String
    }

    private struct Node {
        /// Whether each name leads back to the node.
        var isLoop = false
        /// Whether names lead to other nodes.
        var hasNext = false
        var anyName: Int?
        var anyNames: Int?
        var patterns: [(pattern: NamePattern, node: Int)] = []
        var globs: [Int] = []
    }

    private struct NamedEdge: Hashable {
        let node: Int
        let name: Name
    }

    /// An archive or an image can contain patterns, so their number, their length and the time for a name are limited:
    /// a name is compared with each component that is not plain.
    private static let maxGlobs = 100_000
    private static let maxBytes = 2 << 20
    private static let maxPatterns = 1000

    /// The patterns, sorted and without repetitions: neither changes the result.
    let globs: [PruneGlob]
    private let nodes: [Node]
    private let named: [NamedEdge: Int]

    init(_ patterns: [PruneGlob]) throws(Excess) {
        let globs = Set(patterns).sorted { Path($0.description) < Path($1.description) }
        guard globs.count <= Self.maxGlobs, globs.reduce(0, { $0 + $1.description.utf8.count }) <= Self.maxBytes else {
            throw Excess(description: "more than 100,000 patterns, or more than 2 MiB of them")
        }
        var nodes = [Node()]
        var named: [NamedEdge: Int] = [:]
        var patternCount = 0
        for (number, glob) in globs.enumerated() {
            var node = 0
            for step in glob.steps {
                var next = Self.next(step, nodes[node], named[NamedEdge(node: node, name: step.name)])
                if next == nil {
                    next = nodes.count
                    nodes.append(Node(isLoop: step == .anyNames))
                    switch step {
                    case .name(let name): named[NamedEdge(node: node, name: name)] = next
                    case .anyName: nodes[node].anyName = next
                    case .anyNames: nodes[node].anyNames = next
                    case .pattern(let pattern):
                        nodes[node].patterns.append((pattern, nodes.count - 1))
                        patternCount += 1
                    }
                    nodes[node].hasNext = true
                }
                node = next ?? node
            }
            nodes[node].globs.append(number)
            if patternCount > Self.maxPatterns {
                throw Excess(description: "more than 1,000 components with '*', '?', '[' or a backslash among others")
            }
        }
        (self.globs, self.nodes, self.named) = (globs, nodes, named)
    }

    private static func next(_ step: PruneGlob.Step, _ node: Node, _ named: Int?) -> Int? {
        switch step {
        case .name: named
        case .anyName: node.anyName
        case .anyNames: node.anyNames
        case .pattern(let pattern): node.patterns.first { $0.pattern == pattern }?.node
        }
    }

    /// The patterns that end at some of the nodes.
    func globs(at ends: Set<Int>) -> Set<Int> { ends.reduce(into: []) { $0.formUnion(nodes[$1].globs) } }

    /// The state at the store's directory.
    var start: GlobProgress {
        var start = GlobProgress(tree: self)
        reach(0, &start)
        start.ends = []
        return start
    }

    /// Goes from all positions to those behind the name.
    fileprivate func advance(_ progress: GlobProgress, by name: Name) -> GlobProgress {
        var next = GlobProgress(tree: self)
        for position in progress.positions {
            let node = nodes[position]
            if node.isLoop { reach(position, &next) }
            if let anyName = node.anyName { reach(anyName, &next) }
            if let child = named[NamedEdge(node: position, name: name)] { reach(child, &next) }
            for (pattern, child) in node.patterns where pattern.matches(name) { reach(child, &next) }
        }
        return next
    }

    /// `**` may stand for nothing.
    private func reach(_ position: Int, _ progress: inout GlobProgress) {
        let node = nodes[position]
        if !node.globs.isEmpty { progress.ends.insert(position) }
        if node.isLoop || node.hasNext { progress.positions.insert(position) }
        if let anyNames = node.anyNames { reach(anyNames, &progress) }
    }
}

/// The positions that patterns have reached on the way to a path.
struct GlobProgress {
    fileprivate let tree: GlobTree
    fileprivate var positions: Set<Int> = []
    /// The nodes of the patterns that the path matches.
    fileprivate(set) var ends: Set<Int> = []

    fileprivate init(tree: GlobTree) { self.tree = tree }

    /// Whether no path below can match.
    var isOver: Bool { positions.isEmpty }

    func advanced(by name: Name) -> GlobProgress { tree.advance(self, by: name) }
}

extension PruneGlob.Step {
    /// The name, or an empty one, which no component has.
    fileprivate var name: Name { if case .name(let name) = self { name } else { Name("") } }
}
