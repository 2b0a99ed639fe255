import ArgumentParser
import NixClosure
import Rootfs
import SystemCalls
import TreeCopy

/// `repot stage`: a closure as a root file system on disk.
struct Stage: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes a closure as a root file system: DEST/nix/store/…",
        usage: """
            repot stage [OPTION]... ROOT... DEST
            repot stage [OPTION]... --closure FILE [ROOT]... DEST
            """,
        discussion: """
            A ROOT is a store path, something inside one, or a symlink to one such as ./result. Each store path in \
            DEST is whole or not there; the same command run again does only what is left.
            """)

    @Argument(help: "Roots of the closure, and last the directory that becomes the root file system.")
    var operands: [String]

    @OptionGroup var closure: ClosureOptions
    @OptionGroup var writing: WritingOptions

    @Option(help: ArgumentHelp("A symlink; TARGET may lead through ./result.", valueName: "path=target"))
    var symlink: [String] = []

    @Flag(help: "Say what would be written, and write nothing.")
    var dryRun = false

    @OptionGroup var output: OutputOptions

    mutating func validate() throws {
        if operands.count < (closure.closure == nil ? 2 : 1) {
            throw ValidationError("give at least one ROOT and the DEST, or --closure FILE and the DEST")
        }
    }

    mutating func run() throws {
        do {
            try stage()
        } catch let error as ClosureError {
            try fail(error.description)
        } catch let error as RootfsError {
            try fail(error.description)
        }
    }

    private func fail(_ message: String) throws {
        Console.line("repot: \(message)", to: .error)
        throw ExitCode(1)
    }

    private func stage() throws {
        // Modes are made as they are asked for.
        _ = ProcessState.exchangeMask([])
        let store = try closure.store()
        let known = try closure.find(operands.dropLast().map { Path($0) }, in: store)
        var spec = RootfsSpec(store: store, closure: known, destination: Path(operands[operands.count - 1]))
        spec.symlinks = try symlink.map { try SymlinkArgument($0).resolved(in: store, known) }
        writing.fill(&spec)
        let plan = try RootfsPlan(spec)
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

/// Which closure, and where it is.
struct ClosureOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The closure: store paths, one a line; - for standard input.", valueName: "file"))
    var closure: String?

    @Option(name: .customLong("store"), help: ArgumentHelp("The store's directory.", valueName: "dir"))
    var storeDirectory = "/nix/store"

    @Option(help: ArgumentHelp("The directory that holds the store, as in Nix's local?root=.", valueName: "dir"))
    var storeRoot: String?

    func store() throws(ClosureError) -> Store {
        try Store(directory: Path(storeDirectory), root: storeRoot.map { Path($0) })
    }

    /// The closure, every path of which is there.
    func find(_ roots: [Path], in store: Store) throws(ClosureError) -> Closure {
        let resolver = RootResolver(store)
        var named: [StorePath] = []
        for root in roots { named.append(try resolver.resolve(root).storePath) }
        let found: Closure
        if let closure {
            found = Closure(try ClosureList(reading: Path(closure), store).storePaths)
            for root in named where !found.contains(root) {
                throw .notListed(store.path(of: root), in: Path(closure))
            }
        } else {
            found = Closure(try NixCommandSource(store).storePaths(of: named))
        }
        try found.check(in: store)
        return found
    }
}

/// How store paths are written.
struct WritingOptions: ParsableArguments {
    @Option(help: "How files get there: auto, reflink, copy or hardlink.")
    var strategy = "auto"

    @Flag(help: "Fail where the strategy cannot be used, instead of stepping down.")
    var strict = false

    @Option(help: ArgumentHelp("The owner of all that is written.", valueName: "uid:gid"))
    var owner: String?

    @Option(help: ArgumentHelp("The modification time of all that is written, since 1970.", valueName: "seconds"))
    var mtime: Int64?

    @Option(name: .shortAndLong, help: ArgumentHelp("The number of workers.", valueName: "n"))
    var jobs: Int?

    private static let strategies: [String: StrategyChoice] = [
        "auto": .auto, "reflink": .reflink, "copy": .copy, "hardlink": .hardlink,
    ]

    mutating func validate() throws {
        guard Self.strategies[strategy] != nil else {
            throw ValidationError("--strategy takes auto, reflink, copy or hardlink, not '\(strategy)'")
        }
        if let owner, ownership == nil { throw ValidationError("--owner takes UID:GID in numbers, not '\(owner)'") }
        if let jobs, !(1...1024).contains(jobs) { throw ValidationError("--jobs takes a number from 1 to 1024") }
    }

    private var ownership: Ownership? {
        let numbers = (owner ?? "").split(separator: ":", omittingEmptySubsequences: false).map { UInt32($0) }
        guard numbers.count == 2, let user = numbers[0], let group = numbers[1], user != .max, group != .max
        else { return nil }
        return Ownership(user: user, group: group)
    }

    func fill(_ spec: inout RootfsSpec) {
        spec.strategy = Self.strategies[strategy] ?? .auto
        spec.isStrict = strict
        spec.owner = ownership
        spec.modificationTime = mtime
        spec.workers = jobs
    }
}

/// `PATH=TARGET` as the user wrote it.
struct SymlinkArgument {
    private let text: String

    init(_ text: String) { self.text = text }

    /// The target becomes a path in the closure: what is outside would point nowhere.
    func resolved(in store: Store, _ closure: Closure) throws -> RootfsSymlink {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { throw ValidationError("--symlink takes PATH=TARGET, not '\(text)'") }
        let resolved = try RootResolver(store).resolve(Path(parts[1]))
        guard closure.contains(resolved.storePath) else {
            throw ClosureError.notListed(store.path(of: resolved.storePath), in: "the closure")
        }
        guard let link = RootfsSymlink(path: Path(parts[0]), target: store.path(of: resolved)) else {
            throw ValidationError("--symlink takes a PATH below the root, without '..', not '\(parts[0])'")
        }
        return link
    }
}
