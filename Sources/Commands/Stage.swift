import ArgumentParser
import NixClosure
import Rootfs
import SystemCalls
import TreeCopy
import Verification

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

    @Flag(
        help: """
            Rename store paths instead of copying them, where DEST is on the store's mount. The store loses them: only for \
            a build stage that is thrown away with its store.
            """)
    var move = false

    @OptionGroup var additions: RootfsOptions

    @Flag(help: "Before anything is written, see whether the closure is complete.")
    var check = false

    @Flag(help: "Write everything to disk before exiting, and the content of each entry before its name.")
    var sync = false

    @Flag(help: "Say what would be written, and write nothing.")
    var dryRun = false

    @OptionGroup var output: OutputOptions

    mutating func validate() throws {
        if operands.count < (closure.closure.isEmpty && additions.profile.isEmpty ? 2 : 1) {
            throw ValidationError("give at least one ROOT and the DEST, or --closure FILE and the DEST")
        }
        let idle = move ? writing.changes + (additions.prune.isEmpty ? [] : ["--prune"]) : []
        if !idle.isEmpty {
            throw ValidationError("--move takes store paths as they are: leave out \(idle.joined(separator: ", "))")
        }
    }

    mutating func run() throws { try explained { try stage() } }

    private func stage() throws {
        // Modes are made as they are asked for.
        _ = ProcessState.exchangeMask([])
        let store = try closure.store()
        let destination = Path(operands[operands.count - 1])
        let moved = move ? try Store(directory: store.directory, root: destination) : nil
        let roots = operands.dropLast().map { Path($0) } + additions.roots
        let known = try closure.find(roots, in: store, movedTo: moved, workers: writing.jobs)
        if output.explain { known.explain() }
        var spec = RootfsSpec(store: store, closure: known.closure, destination: destination)
        spec.additions = try additions.additions(
            in: store, known, movedTo: moved, workers: writing.jobs)
        spec.moves = move
        writing.fill(&spec)
        spec.syncs = sync
        let plan = try RootfsPlan(spec)
        if check {
            try requireComplete(
                plan.spec.closure, readAs: known, without: plan.contents.pruning, in: store, movedTo: moved, output,
                workers: writing.jobs)
        }
        if move, !plan.missing.isEmpty { warn(plan) }
        if !additions.registration, !output.quiet { warnOfRegistration(plan) }
        if dryRun {
            guard Console.lines(plan.lines, to: .output) else { throw ExitCode(1) }
            return
        }
        let display = output.display
        let report = Stager(plan).stage { display.run($0) }
        let status = display.finish(report, unit: .paths)
        if status != 0 { throw ExitCode(status) }
    }

    /// Warns if the destination has a registration that will not have all store paths.
    private func warnOfRegistration(_ plan: RootfsPlan) {
        let file = plan.spec.destination.appending(ExpectedStore.registration)
        guard let document = try? ClosureDocument(reading: file, plan.spec.store) else { return }
        let registered = Set(document.storePaths)
        guard let absent = plan.spec.closure.storePaths.first(where: { !registered.contains($0) }) else { return }
        Console.line(
            "repot: warning: \(file.quoted) does not have all store paths, such as '\(absent)': pass --registration, too",
            to: .error)
    }

    /// Also with --quiet: it cannot be undone.
    private func warn(_ plan: RootfsPlan) {
        Console.line(
            "repot: warning: --move takes \(plan.missing.count.counted("store path")) out of "
                + "\(plan.spec.store.physicalDirectory): nothing that needs them works there any more", to: .error)
    }
}
