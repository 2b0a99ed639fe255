import SystemCalls

/// Asks `nix-store --query --requisites`; its messages go to standard error as they are.
public struct NixCommandSource: ClosureSource {
    private let store: Store
    /// As many roots as surely fit into an argument list of 128 KiB, the least that Linux allows.
    private static let mostRoots = 400

    /// Asks about this store.
    public init(_ store: Store) { self.store = store }

    /// Asks in as many calls as the argument list needs.
    public func storePaths(of roots: [StorePath]) throws(ClosureError) -> [StorePath] {
        var found: [StorePath] = []
        for start in stride(from: 0, to: roots.count, by: Self.mostRoots) {
            found += try ask(roots[start..<min(start + Self.mostRoots, roots.count)])
        }
        return found
    }

    private func ask(_ roots: ArraySlice<StorePath>) throws(ClosureError) -> [StorePath] {
        let arguments = ["nix-store"] + storeArguments + ["--query", "--requisites", "--"]
        let result: Subprocess.Result
        do throws(Errno) { result = try Subprocess.run(arguments + roots.map(store.path(of:))) } catch {
            throw ClosureError(
                "nix-store",
                "cannot run nix-store: \(error.message); install Nix, or give the closure with --closure FILE",
                error)
        }
        guard result.status == 0 else {
            throw ClosureError("nix-store", "nix-store could not tell the closure (exit status \(result.status))")
        }
        return try ClosureList.parse(result.output, name: "nix-store", store)
    }

    /// A store that is not moved is left to Nix's own settings. Source: Nix manual, 'Local Store'.
    private var storeArguments: [Path] {
        guard let root = store.root else { return [] }
        return ["--store", Path("local?root=\(Self.escaped(root))&store=\(Self.escaped(store.directory))")]
    }

    /// Percent-encoded, all but what no URL gives a meaning. Source: RFC 3986, 2.3.
    private static func escaped(_ path: Path) -> String {
        let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/".utf8)
        return path.bytes.map { byte in
            if plain.contains(byte) { return String(UnicodeScalar(byte)) }
            return (byte < 16 ? "%0" : "%") + String(byte, radix: 16)
        }.joined()
    }
}
