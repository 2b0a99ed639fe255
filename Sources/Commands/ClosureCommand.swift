import ArgumentParser
import NixClosure
import SystemCalls

/// `repot closure`: the store paths of a closure, their sizes and the reasons for them.
struct ClosureCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "closure",
        abstract: "Lists the store paths of a closure, their sizes, or why they belong to it.",
        usage: """
            repot closure [OPTION]... ROOT...
            repot closure [OPTION]... --closure FILE [ROOT]...
            """,
        discussion: """
            Without options: the store paths, one a line, each after its references. With limits, the exit status is 1 if \
            the closure exceeds one, and standard error names the path and the chain to it.
            """)

    @Argument(help: "Roots of the closure.", completion: .file())
    var roots: [String] = []

    @OptionGroup var closure: ClosureOptions
    @OptionGroup var view: ClosureViewOptions
    @OptionGroup var limits: ClosureLimitOptions

    @Flag(help: "Print which source provided the closure, and why others were skipped.")
    var explain = false

    mutating func validate() throws {
        if roots.isEmpty, closure.closure.isEmpty { throw ValidationError("give at least one ROOT, or --closure FILE") }
        try requireOneReaderOfInput(["--closure": closure.closure, "--diff": [view.diff].compactMap(\.self)])
    }

    mutating func run() throws { try explained { try show() } }

    private func show() throws {
        let store = try closure.store()
        let found = try closure.find(roots.map { Path($0) }, in: store)
        if explain { found.explain() }
        let graph = try found.graph(in: store, hashed: view.needsSizes || limits.needsSizes)
        let isTold = try view.print(ShownClosure(graph: graph, store: store, origin: found.origin), closure)
        if !isTold { Console.line("repot: write error", to: .error) }
        let violations = try limits.violations(graph)
        for violation in violations { Console.line("repot: \(violation.text(store))", to: .error) }
        if !violations.isEmpty || !isTold { throw ExitCode(1) }
    }
}

/// A closure to be printed.
struct ShownClosure {
    let graph: ClosureGraph
    let store: Store
    /// The source of the closure.
    let origin: String
}
