import NixClosure

/// The lines of the graph as a tree, each path's references below it where it comes first and left out where it comes again.
///
/// Deep lines have their level in place of the branches that lead to them: otherwise the tree of a chain of references
/// grows with the square of its length.
struct ClosureTree: Sequence, IteratorProtocol {
    private let graph: ClosureGraph
    private let store: Store
    private var shown: Set<StorePath> = []
    /// The branches that are still to be drawn, the next one last: a chain of references may be as long as the closure.
    private var pending: [Branch]

    init(_ graph: ClosureGraph, _ store: Store) {
        self.graph = graph
        self.store = store
        pending = graph.roots.reversed().map { Branch(path: $0, level: 0, lead: "", twig: "") }
    }

    /// The deepest level that is drawn with all branches that lead to it.
    private static let maxDrawnLevel = 100

    private struct Branch {
        let path: StorePath
        let level: Int
        let lead: String
        let twig: String
    }

    /// The next line.
    mutating func next() -> String? {
        guard let branch = pending.popLast() else { return nil }
        let references = graph[branch.path]?.references.filter { $0 != branch.path } ?? []
        let isAgain = !shown.insert(branch.path).inserted && !references.isEmpty
        let line = "\(branch.lead)\(branch.twig)\(store.path(of: branch.path))"
        if isAgain { return line + " [...]" }
        let level = branch.level + 1
        let lead = Self.lead(to: level, below: branch)
        for (index, path) in references.enumerated().reversed() {
            let twig = index == references.count - 1 ? "└───" : "├───"
            pending.append(Branch(path: path, level: level, lead: lead, twig: twig))
        }
        return line
    }

    private static func lead(to level: Int, below branch: Branch) -> String {
        if level > maxDrawnLevel { return "[\(level)] " }
        return branch.lead + (branch.twig.isEmpty ? "" : branch.twig == "├───" ? "│   " : "    ")
    }
}
