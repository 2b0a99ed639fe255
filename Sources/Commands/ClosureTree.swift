import NixClosure

/// The graph as a tree, each path's references below it where it comes first and left out where it comes again.
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

    private struct Branch {
        let path: StorePath
        let lead: String
        let twig: String
    }

    /// With a stack of its own: a chain of references may be as long as the closure.
    private mutating func addAll(below root: StorePath) {
        var pending = [Branch(path: root, lead: "", twig: "")]
        while let branch = pending.popLast() {
            let references = graph[branch.path]?.references.filter { $0 != branch.path } ?? []
            let isAgain = !shown.insert(branch.path).inserted && !references.isEmpty
            lines.append("\(branch.lead)\(branch.twig)\(store.path(of: branch.path))\(isAgain ? " [...]" : "")")
            if isAgain { continue }
            let lead = branch.lead + (branch.twig.isEmpty ? "" : branch.twig == "├───" ? "│   " : "    ")
            for (index, path) in references.enumerated().reversed() {
                let twig = index == references.count - 1 ? "└───" : "├───"
                pending.append(Branch(path: path, lead: lead, twig: twig))
            }
        }
    }
}
