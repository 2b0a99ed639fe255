import Inputs
import Measuring
import TestSupport

/// What is of our own making.
extension Contender {
    /// repot with these options, which promises to keep everything.
    static func repot(_ program: ByteString, _ options: ByteString..., sharing: Sharing = .nothing) -> Contender {
        let words = ["repot"] + options.map(\.description)
        return Contender(words.joined(separator: " "), Tool(program.description), role: .repot, sharing: sharing) {
            [program] + options + [$0.source, $0.destination]
        }
    }

    /// `repot stage` of a closure that is given as a list, so that nobody else's work is measured.
    ///
    /// - Parameter name: what to call it where it is its own peer; its result is then looked at once only.
    static func stage(
        _ program: ByteString, _ options: ByteString..., name: String? = nil, sharing: Sharing = .nothing
    ) -> Contender {
        let words = ["repot stage"] + options.map(\.description)
        let list: @Sendable (Places) -> ByteString = { $0.own / "closure" }
        let write: @Sendable (Places) throws -> Void = { places in
            let paths = try places.requireClosure().paths
            try TreeBuilder.build(at: places.own) { tree in
                try tree.file("closure", .text(paths.map { "\($0)\n" }.joined()))
            }
        }
        return Contender(
            name ?? words.joined(separator: " "), Tool(program.description), role: .repot, sharing: sharing,
            needsClosure: true, result: name == nil ? "nix/store" : nil, prepare: write
        ) { places in
            [program, "stage"] + options
                + ["--store-root", places.root, "--closure", list(places), places.destination]
        }
    }

    /// `repot verify` of the store that the closure was built in.
    static func verify(_ program: ByteString) -> Contender {
        Contender("repot verify", Tool(program.description), role: .repot, needsClosure: true, result: nil) { places in
            [program, "verify", "--quiet", places.root]
        }
    }

    /// The program that makes only those calls that the task cannot do without, on as many threads as repot has.
    static func floor(_ program: ByteString, _ task: ByteString, threads: Int = max(2, Machine().cores)) -> Contender {
        let sharing: Sharing = task == "link" ? .inodes : task == "reflink" ? .extents : .nothing
        return Contender("floor", Tool(program.description), role: .floor, sharing: sharing) { places in
            [program, task, "\(threads)", places.source, places.destination]
        }
    }

    /// A program that is only started.
    static func start(_ name: String, _ role: Role, _ program: ByteString) -> Contender {
        Contender(name, Tool(program.description), role: role, result: nil) { _ in [program, "--version"] }
    }
}
