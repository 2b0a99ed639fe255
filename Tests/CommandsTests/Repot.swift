import SystemCalls
import TestSupport

/// The built executable, which lies beside the test bundle.
enum Repot {
    static let path: ByteString = {
        guard let bundle = try? Directory.current.readLink(Name("/proc/self/exe")) else { return "repot" }
        return ByteString(Path(bundle.bytes).parent.appending("repot").bytes)
    }()

    /// A copy that everybody may run, wherever the build directory is.
    private static let everybodys: Result<Scratch, any Error> = Result {
        let scratch = try Scratch()
        try Command.succeed(["chmod", "755", scratch.path])
        try Command.succeed(["install", "-m", "755", path, scratch / "repot"])
        return scratch
    }

    static func pathForEverybody() throws -> ByteString { try everybodys.get() / "repot" }

    /// Runs it under its own name.
    static func run(
        _ arguments: [ByteString], directory: ByteString? = nil, user: OrdinaryUser? = nil,
        environment: [ByteString: ByteString]? = nil
    ) throws -> CommandResult {
        let program = user == nil ? path : try pathForEverybody()
        return try Command.run([program] + arguments, environment: environment, directory: directory, user: user)
    }

    /// An executable named cp in the directory, for who calls it so is given GNU's cp.
    static func asCopy(in directory: ByteString) throws -> ByteString {
        try TreeBuilder.build(at: directory) { try $0.symbolicLink("cp", to: path) }
        return directory / "cp"
    }
}

extension Path {
    init(_ path: ByteString) { self.init(path.bytes) }
}

/// What a comparison of two trees on disk finds.
func difference(
    _ first: ByteString, _ second: ByteString, ignoring: Set<Aspect> = [], including: Set<Aspect> = []
) throws -> [String] {
    TreeSnapshot.difference(
        try TreeSnapshot(of: first), try TreeSnapshot(of: second), ignoring: ignoring, including: including)
}

/// A variable of the environment that chooses what tests run on.
func environment(_ name: ByteString) -> String? {
    Command.inheritedEnvironment[name].map { String(decoding: $0.bytes, as: UTF8.self) }
}
