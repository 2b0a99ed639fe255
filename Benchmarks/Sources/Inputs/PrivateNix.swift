import Glibc
package import TestSupport

/// A store of its own that programs see at /nix, where its paths say it is; the machine's own /nix is not touched.
package struct PrivateNix: Sendable {
    /// The store is at `nix` in it.
    private let root: ByteString

    /// Nix for root without a daemon: it builds as root, fetches nothing and lets builders see the host's programs.
    /// They may set set-id bits, which packages have; Nix takes them away afterwards.
    private static let settings = """
        build-users-group =
        sandbox = false
        filter-syscalls = false
        substitute = false
        auto-optimise-store = false
        keep-derivations = false
        fsync-metadata = false
        max-jobs = auto
        """

    package init(root: ByteString) {
        self.root = root
    }

    /// Why there can be none on this machine, or nil.
    package static func obstacle() -> String? {
        guard OrdinaryUser.isRoot else { return "a store at /nix needs root" }
        if mkdir("/nix", 0o755) != 0 && errno != EEXIST { return TestError("mkdir /nix", code: errno).description }
        do {
            let trial = PrivateNix(root: "/").command(["nix-store", "--version"])
            let result = try Command.run(trial, environment: environment)
            if result.status == 0 { return nil }
            return "a store at /nix needs mounts and Debian's nix-bin (\(result.errorText.prefix { $0 != "\n" }))"
        } catch {
            return error.description
        }
    }

    /// The command that runs `command` with the store at /nix, in a mount namespace that ends with it.
    package func command(_ command: [ByteString]) -> [ByteString] {
        let script: ByteString = "mount --bind \"$0\" /nix && exec \"$@\""
        return ["unshare", "--mount", "sh", "-euc", script, root / "nix"] + command
    }

    /// What a program of Nix needs to work with the store: nothing that this machine's own Nix is told.
    package static var environment: [ByteString: ByteString] {
        var variables = Command.inheritedEnvironment.filter { !$0.key.bytes.starts(with: "NIX_".utf8) }
        variables["NIX_CONFIG"] = ByteString(settings)
        variables["NIX_REMOTE"] = "local"
        // A Nix that lives in /nix itself would be covered.
        variables["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        return variables
    }

    /// Runs a program of Nix with the store at /nix; answers the lines that it prints.
    @discardableResult
    package func run(_ words: [ByteString]) throws -> [ByteString] {
        let result = try Command.run(command(words), environment: Self.environment, timeout: .seconds(1800))
        if result.status == 0 {
            return result.output.split(separator: UInt8(ascii: "\n")).map { ByteString(Array($0)) }
        }
        throw TestError("\(words.map(\.description).joined(separator: " ")): \(result.errorText.suffix(2000))")
    }
}
