import Glibc
package import NixClosure
package import SystemCalls
package import TestSupport

/// A store that Nix itself has built, elsewhere than at `/nix/store`, from Tests/Fixtures/closure.nix. The machine's
/// own store is not touched.
package final class NixStore: Sendable {
    package let store: Store
    /// The store path by the name of its attribute in closure.nix.
    package let roots: [String: StorePath]
    private let scratch: Scratch

    /// Where it is.
    package var root: ByteString { scratch / "root" }

    /// Root may have mounts of its own, and a store at /nix in them, so that paths are what they say they are.
    package init() throws {
        scratch = try Scratch()
        let root = scratch / "root"
        try TreeBuilder.build(at: root) { try $0.directory("nix") }
        if mkdir("/nix", 0o755) != 0 && errno != EEXIST { throw TestError("mkdir /nix", code: errno) }
        let script: ByteString = "mount --bind \"$0\" /nix && exec \"$@\""
        let build = { (attribute: ByteString) -> [ByteString] in
            try Self.run([
                "unshare", "--mount", "sh", "-euc", script, root / "nix", "nix-build", "--no-out-link", "--attr",
                attribute, Self.expression,
            ])
        }
        let store = try Store(directory: "/nix/store", root: Path(root))
        var roots: [String: StorePath] = [:]
        for attribute in ["family", "large", "both", "stranger"] {
            roots[attribute] = try build(ByteString(attribute)).first.flatMap { store.storePath(Path($0)) }
        }
        self.roots = roots
        self.store = store
    }

    /// Why there can be none here; on CI there has to be one.
    package static let obstacle: String? = {
        if getenv("CI") != nil { return nil }
        guard OrdinaryUser.isRoot else { return "a store at /nix needs root" }
        let trial = try? Command.run(["unshare", "--mount", "nix-store", "--version"])
        return trial?.status == 0 ? nil : "Debian's nix-bin is not installed"
    }()

    /// One for all tests of the process, removed at its end.
    package static func shared() throws -> NixStore { try built.get() }

    private static let built: Result<NixStore, any Error> = Result {
        atexit { NixStore.remove() }
        return try NixStore()
    }

    private static func remove() { try? built.get().scratch.remove() }

    private static let expression: ByteString = {
        let tests = Path(#filePath).parent.parent
        return ByteString(tests.appending("Fixtures/closure.nix").bytes)
    }()

    /// The lines that `nix-store --query` answers about the store.
    package func query(_ question: ByteString, _ paths: [StorePath]) throws -> [Path] {
        try ask(["--query", question] + paths.map { ByteString(store.path(of: $0).bytes) }).map { Path($0) }
    }

    /// The lines that nix-store answers.
    package func ask(_ words: [ByteString]) throws -> [ByteString] { try run(["nix-store"], words) }

    /// What `nix path-info --json` writes of the roots and all that they refer to.
    package func pathInfo(_ roots: [StorePath]) throws -> [ByteString] {
        let words: [ByteString] = [
            "path-info", "--extra-experimental-features", "nix-command", "--json", "--recursive",
        ]
        return try run(["nix"] + words, roots.map { ByteString(store.path(of: $0).bytes) })
    }

    private func run(_ program: [ByteString], _ words: [ByteString]) throws -> [ByteString] {
        try Self.run(program + ["--store", "local?root=" + root] + words)
    }

    private static func run(_ words: [ByteString]) throws -> [ByteString] {
        let result = try Command.run(words, environment: environment)
        guard result.status == 0 else {
            throw TestError("\(words.map(\.description).joined(separator: " ")): \(result.errorText.suffix(2000))")
        }
        let lines = result.output.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return lines.dropLast(lines.last == [] ? 1 : 0).map { ByteString(Array($0)) }
    }

    /// Builds as root and without a daemon, fetches nothing, and lets builders see the host's programs.
    private static var environment: [ByteString: ByteString] {
        var variables = Command.inheritedEnvironment.filter { !$0.key.bytes.starts(with: "NIX_".utf8) }
        variables["NIX_CONFIG"] = "build-users-group =\nsandbox = false\nsubstitute = false\nauto-optimise-store = true"
        variables["NIX_REMOTE"] = "local"
        // A Nix that lives in /nix itself would be covered.
        variables["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        return variables
    }
}
