import ArgumentParser
import JSON
import NixClosure
import Pruning
import Rootfs
import SystemCalls
import Tar

/// `repot tar`: a closure, or a folder, as an archive.
struct Archive: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tar",
        abstract: "Writes a closure as a tar archive, straight from the store: nix/store/...",
        usage: """
            repot tar [OPTION]... ROOT... [-o FILE]
            repot tar [OPTION]... --closure FILE [ROOT]... [-o FILE]
            repot tar [OPTION]... --rootfs DIR [-o FILE]
            """,
        discussion: """
            The bytes of the archive depend on its content and on the options alone: not on the clock, the number of \
            workers, or the store's optimisation. FILE appears when it is complete. A name that ends in .tar.gz, .tgz, \
            .tar.zst or .tzst compresses it.
            """)

    @Argument(help: "Roots of the closure.", completion: .file())
    var roots: [String] = []

    @Option(
        name: .shortAndLong, help: ArgumentHelp("The archive; otherwise standard output.", valueName: "file"),
        completion: .file())
    var output: String?

    @Option(
        help: ArgumentHelp("A folder that becomes the root, instead of a closure.", valueName: "dir"),
        completion: .directory)
    var rootfs: String?

    @OptionGroup var closure: ClosureOptions
    @OptionGroup var additions: RootfsOptions
    @OptionGroup var form: ArchiveFormOptions

    @Flag(help: "Write the archive to disk before it gets its name, and wait until its name is on disk, too.")
    var sync = false

    @Flag(help: "Say what would be written, and write nothing.")
    var dryRun = false

    @OptionGroup var display: OutputOptions

    mutating func validate() throws {
        if rootfs != nil {
            guard roots.isEmpty, closure.closure.isEmpty, !additions.isGiven else {
                throw ValidationError(
                    "--rootfs takes a folder as it is: leave out ROOT, --closure, --symlink, --profile, --skeleton, "
                        + "--registration and --prune")
            }
        } else if roots.isEmpty, closure.closure.isEmpty, additions.profile.isEmpty {
            throw ValidationError("give at least one ROOT, --closure FILE or --rootfs DIR")
        }
        _ = try form.options(for: outputFile)
        if output == nil, !dryRun, Console.columns(of: .output) != nil {
            throw ValidationError("refusing to write an archive to a terminal; use -o FILE or redirect standard output")
        }
    }

    mutating func run() throws { try explained { try archive() } }

    private func archive() throws {
        let items = try items()
        if dryRun {
            guard Console.lines(items.map(\.path.quotedWhereNeeded), to: .output) else { throw ExitCode(1) }
            return
        }
        report(try write(items, to: outputFile.map { .file($0) } ?? .standardOutput))
    }

    private var outputFile: Path? { output.map { Path($0) } }

    private func write(_ items: [ArchiveItem], to output: ArchiveOutput) throws -> ArchiveReport {
        // A write to a pipe that nobody reads waits for ever; there, a signal may simply end the process.
        if !output.isStream { catchInterruptions() }
        var writer = try TarWriter(items, try form.options(for: outputFile)) { Interrupt.signal != nil }
        if display.verbose { writer.onMember = { Console.line($0.quoted, to: .error) } }
        let bar = display.display.bar(items.compactMap(\.tree)) { [progress = writer.progress] in
            ProgressBar.Progress(entries: progress.members, bytes: progress.bytes)
        }
        defer { bar?.end() }
        return try writer.write(to: output, syncs: sync)
    }

    private func items() throws -> [ArchiveItem] {
        // With a slash a symlink to a folder is the folder, and a file is an error.
        if let rootfs { return [ArchiveItem(".", .tree(Path(rootfs.hasSuffix("/") ? rootfs : rootfs + "/")))] }
        let store = try closure.store()
        let known = try closure.find(roots.map { Path($0) } + additions.roots, in: store, workers: form.jobs)
        if display.explain { known.explain() }
        let additions = try additions.additions(in: store, known, workers: form.jobs)
        let contents = try RootfsContents(store: store, closure: known.closure, additions)
        contents.pruning.report(isQuiet: display.quiet)
        return contents.archiveItems()
    }

    private func report(_ report: ArchiveReport) {
        for warning in report.warnings { Console.line("repot: warning: \(warning)", to: .error) }
        if display.explain { for line in report.reasons { Console.line(line, to: .error) } }
        if display.json {
            Console.line(report.json.text, to: output == nil ? .error : .output)
        } else if !display.quiet {
            Console.line(report.summary, to: .error)
        }
    }
}

extension ArchiveItem {
    /// What it is on disk, if it is a tree.
    fileprivate var tree: Path? { if case .tree(let path) = content { path } else { nil } }
}

extension RootfsContents {
    /// All of it as members of an archive, below a folder or at its top.
    func archiveItems(below folder: Path = Path([])) -> [ArchiveItem] {
        let store = folder.appending(storeDirectory)
        return ownItems(below: folder)
            + closure.storePaths.map { path in
                ArchiveItem(
                    store.appending(path.baseName), .tree(self.store.physicalPath(of: path)),
                    excluding: pruning[path]?.excluded ?? [])
            }
    }

    /// What is not in the store.
    func ownItems(below folder: Path = Path([])) -> [ArchiveItem] {
        entries.map { ArchiveItem(folder.appending($0.path), $0.archived) }
    }
}

extension RootfsEntry {
    fileprivate var archived: ArchiveItem.Content {
        switch content {
        case .directory(let mode): .directory(mode: mode)
        case .symlink(let target): .symlink(target: target)
        case .file(let bytes, let mode): .file(bytes, mode: mode)
        }
    }
}
