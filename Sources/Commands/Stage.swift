import ArgumentParser
import NixClosure
import Rootfs
import SystemCalls
import TreeCopy

/// `repot stage`: a closure as a root file system on disk.
struct Stage: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes a closure as a root file system: DEST/nix/store/...",
        usage: """
            repot stage [OPTION]... ROOT... DEST
            repot stage [OPTION]... --closure FILE [ROOT]... DEST
            """,
        discussion: """
            A ROOT is a store path, something inside one, or a symlink to one such as ./result. Each store path in \
            DEST is whole or not there; the same command run again does only what is left.
            """)

    @Argument(
        help: "Roots of the closure, and last the directory that becomes the root file system.", completion: .file())
    var operands: [String]

    @OptionGroup var closure: ClosureOptions
    @OptionGroup var writing: WritingOptions

    @Option(help: ArgumentHelp("A symlink; TARGET may lead through ./result.", valueName: "path=target"))
    var symlink: [String] = []

    @Flag(help: "Before anything is written, see whether the closure is complete.")
    var check = false

    @Flag(help: "Say what would be written, and write nothing.")
    var dryRun = false

    @OptionGroup var output: OutputOptions

    mutating func validate() throws {
        if operands.count < (closure.closure == nil ? 2 : 1) {
            throw ValidationError("give at least one ROOT and the DEST, or --closure FILE and the DEST")
        }
    }

    mutating func run() throws { try explained { try stage() } }

    private func stage() throws {
        // Modes are made as they are asked for.
        _ = ProcessState.exchangeMask([])
        let store = try closure.store()
        let known = try closure.find(operands.dropLast().map { Path($0) }, in: store)
        var spec = RootfsSpec(store: store, closure: known.closure, destination: Path(operands[operands.count - 1]))
        spec.symlinks = try symlink.map { try SymlinkArgument($0).resolved(in: store, known.closure) }
        writing.fill(&spec)
        let plan = try RootfsPlan(spec)
        if check { try requireComplete(known, in: store, output, workers: writing.jobs) }
        if dryRun {
            guard Console.line(plan.lines.joined(separator: "\n"), to: .output) else { throw ExitCode(1) }
            return
        }
        let display = output.display
        let report = Stager(plan).stage { display.run($0) }
        let status = display.finish(report, unit: .paths)
        if status != 0 { throw ExitCode(status) }
    }
}
