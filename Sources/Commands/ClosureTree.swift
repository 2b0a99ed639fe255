import NixClosure

/// The graph as a tree, each path's references below it where it comes first and left out where it comes again.
///
/// Deep lines have their level in place of the branches that lead to them: otherwise the tree of a chain of references
/// grows with the square of its length.
struct ClosureTree {
    private let graph: ClosureGraph
    private let store: Store
    private var shown: Set<StorePath> = []
    private(set) var lines: [String] = []

    init(_ graph: ClosureGraph, _ store: Store) {
        self.graph = graph
        self.store = store
        for root in graph.roots { addAll(below: root) }
    }

    /// The deepest level that is drawn with all branches that lead to it.
    private static let maxDrawnLevel = 100

    private struct Branch {
        let path: StorePath
        let level: Int
        let lead: String
        let twig: String
    }

    /// With a stack of its own: a chain of references may be as long as the closure.
    private mutating func addAll(below root: StorePath) {
        var pending = [Branch(path: root, level: 0, lead: "", twig: "")]
        while let branch = pending.popLast() {
            let references = graph[branch.path]?.references.filter { $0 != branch.path } ?? []
            let isAgain = !shown.insert(branch.path).inserted && !references.isEmpty
            lines.append("\(branch.lead)\(branch.twig)\(store.path(of: branch.path))\(isAgain ? " [...]" : "")")
            if isAgain { continue }
            let level = branch.level + 1
            let lead = Self.lead(to: level, below: branch)
            for (index, path) in references.enumerated().reversed() {
                let twig = index == references.count - 1 ? "└───" : "├───"
                pending.append(Branch(path: path, level: level, lead: lead, twig: twig))
            }
        }
    }

    private static func lead(to level: Int, below branch: Branch) -> String {
        if level > maxDrawnLevel { return "[\(level)] " }
        return branch.lead + (branch.twig.isEmpty ? "" : branch.twig == "├───" ? "│   " : "    ")
    }
}
