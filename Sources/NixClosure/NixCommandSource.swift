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

    /// Source: Nix manual, 'Local Store', settings `root` and `store`.
    private var storeArguments: [Path] {
        var settings: [Path] = []
        if let root = store.root { settings.append(Path("root=".utf8 + root.bytes)) }
        if store.directory != "/nix/store" { settings.append(Path("store=".utf8 + store.directory.bytes)) }
        guard !settings.isEmpty else { return [] }
        let joined = settings.map(\.bytes).joined(separator: "&".utf8)
        return ["--store", Path(Array("local?".utf8) + joined)]
    }
}
