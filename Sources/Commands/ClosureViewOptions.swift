import ArgumentParser
import JSON
import NixClosure
import SystemCalls

/// The form in which a closure is printed.
struct ClosureViewOptions: ParsableArguments {
    @Flag(help: "Print a tree: below each path its references.")
    var tree = false

    @Flag(
        help: """
            Print a table: each path's own size, the size of its closure, and the size that the closure would lose without \
            it. Paths that seem to be needed by builds only are marked.
            """)
    var sizes = false

    @Option(
        help: ArgumentHelp(
            "Print the shortest chain from a root to a path, or to the package of this name, and the file with each "
                + "reference.", valueName: "path"),
        completion: .file())
    var why: String?

    @Option(
        help: ArgumentHelp(
            "Print the changes since another closure: a root, or a file as for --closure.",
            valueName: "other"), completion: .file())
    var diff: String?

    @Flag(help: "Print JSON; also with --why and --diff.")
    var json = false

    mutating func validate() throws {
        let views = [tree, sizes, why != nil, diff != nil].filter { $0 }.count
        if views > 1 { throw ValidationError("give one of --tree, --sizes, --why and --diff") }
        if json, tree || sizes { throw ValidationError("--json has all that --tree and --sizes show: leave them out") }
    }

    var needsSizes: Bool { sizes || diff != nil || (json && why == nil) }

    /// Prints the closure on standard output. Returns false if it could not be written.
    func print(_ shown: ShownClosure, _ options: ClosureOptions) throws -> Bool {
        guard tree else { return Console.lines(try lines(shown, options), to: .output) }
        // The lines of a tree take many times the memory of its graph.
        var part: [String] = []
        for line in ClosureTree(shown.graph, shown.store) {
            part.append(line)
            if part.count < 1000 { continue }
            guard Console.lines(part, to: .output) else { return false }
            part = []
        }
        return Console.lines(part, to: .output)
    }

    private func lines(_ shown: ShownClosure, _ options: ClosureOptions) throws -> [StyledLine] {
        if let diff, !json { return try diffView(from: diff, to: shown, options).lines(.forOutput) }
        if sizes { return try ClosureSizesView(shown).lines(.forOutput) }
        return try plainLines(shown, options).map { StyledLine($0) }
    }

    private func diffView(
        from other: String, to shown: ShownClosure, _ options: ClosureOptions
    ) throws -> ClosureDiffView {
        ClosureDiffView(ClosureDiff(from: try options.infos(ofOther: other, in: shown.store), to: shown.graph.infos))
    }

    private func plainLines(_ shown: ShownClosure, _ options: ClosureOptions) throws -> [String] {
        if let why {
            let path = try shown.storePath(named: why)
            guard let reason = try ClosureReason(path, in: shown) else {
                throw ClosureError.notListed(shown.store.path(of: path), in: "the closure")
            }
            return json ? [reason.json.text] : reason.lines
        }
        if let diff { return [try diffView(from: diff, to: shown, options).json.text] }
        if json { return [shown.json.text] }
        return shown.graph.dependenciesFirst.map { shown.store.path(of: $0.path).description }
    }
}
