import ArgumentParser
import Rootfs
import SystemCalls
import TreeCopy

/// How store paths are written.
struct WritingOptions: ParsableArguments {
    @Option(
        help: "How files get there: auto, reflink, copy or hardlink.",
        completion: .list(Self.strategies.keys.sorted()))
    var strategy: String?

    @Flag(help: "Fail where the strategy cannot be used, instead of stepping down.")
    var strict = false

    @Option(help: ArgumentHelp("The owner of all that is written.", valueName: "uid:gid"))
    var owner: String?

    @Option(help: ArgumentHelp("The modification time of all that is written, since 1970.", valueName: "seconds"))
    var mtime: Int64?

    @Option(name: .shortAndLong, help: ArgumentHelp("The number of workers.", valueName: "n"))
    var jobs: Int?

    static let strategies: [String: StrategyChoice] = [
        "auto": .auto, "reflink": .reflink, "copy": .copy, "hardlink": .hardlink,
    ]

    mutating func validate() throws {
        if let strategy, Self.strategies[strategy] == nil {
            throw ValidationError("--strategy takes auto, reflink, copy or hardlink, not '\(strategy)'")
        }
        if let owner, ownership == nil { throw ValidationError("--owner takes UID:GID in numbers, not '\(owner)'") }
        if let jobs, !(1...1024).contains(jobs) { throw ValidationError("--jobs takes a number from 1 to 1024") }
    }

    /// The options given that make a store path other than it was, or say how it is copied.
    var changes: [String] {
        (strategy == nil ? [] : ["--strategy"]) + (strict ? ["--strict"] : []) + (owner == nil ? [] : ["--owner"])
            + (mtime == nil ? [] : ["--mtime"])
    }

    private var ownership: Ownership? { owner.flatMap { Ownership(argument: $0) } }

    func fill(_ spec: inout RootfsSpec) {
        spec.strategy = strategy.flatMap { Self.strategies[$0] } ?? .auto
        spec.isStrict = strict
        spec.owner = ownership
        spec.modificationTime = mtime
        spec.workers = jobs
    }
}
