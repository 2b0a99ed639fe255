import ArgumentParser
import JSON
import NixClosure
import SystemCalls

/// How a closure is shown.
struct ClosureViewOptions: ParsableArguments {
    @Flag(help: "As a tree: below each path what it refers to.")
    var tree = false

    @Flag(
        help: """
            As a table: each path's own size, with all that it leads to, and what would go if it went; what looks as if only \
            a build needed it is pointed out.
            """)
    var sizes = false

    @Option(
        help: ArgumentHelp(
            "The shortest chain from a root to this path, or to the package of this name, and the file with each reference.",
            valueName: "path"),
        completion: .file())
    var why: String?

    @Option(
        help: ArgumentHelp(
            "What was added, removed and changed since another closure: a root, or a file as for --closure.",
            valueName: "other"), completion: .file())
    var diff: String?

    @Flag(help: "As JSON; also of --why and --diff.")
    var json = false

    mutating func validate() throws {
        let views = [tree, sizes, why != nil, diff != nil].filter { $0 }.count
        if views > 1 { throw ValidationError("give one of --tree, --sizes, --why and --diff") }
        if json, tree || sizes { throw ValidationError("--json has all that --tree and --sizes show: leave them out") }
    }

    var needsSizes: Bool { sizes || diff != nil || (json && why == nil) }

    /// What standard output is to show.
    func lines(_ shown: ShownClosure, _ options: ClosureOptions) throws -> [String] {
        if let why {
            let path = try shown.storePath(named: why)
            guard let reason = try ClosureReason(path, in: shown) else {
                throw ClosureError.notListed(shown.store.path(of: path), in: "the closure")
            }
            return json ? [reason.json.text] : reason.lines
        }
        if let diff {
            let other = try options.infos(ofOther: diff, in: shown.store)
            let view = ClosureDiffView(ClosureDiff(from: other, to: shown.graph.infos))
            return json ? [view.json.text] : view.lines(.forOutput)
        }
        if json { return [shown.json.text] }
        if tree { return ClosureTree(shown.graph, shown.store).lines }
        if sizes { return try ClosureSizesView(shown).lines(.forOutput) }
        return shown.graph.dependenciesFirst.map { shown.store.path(of: $0.path).description }
    }
}
