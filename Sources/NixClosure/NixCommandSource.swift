import SystemCalls

/// Queries `nix-store`.
public struct NixCommandSource: ClosureSource {
    /// The treatment of the messages of `nix-store`.
    public enum Messages: Sendable {
        /// They go to standard error.
        case printed
        /// They are discarded, since another source may still succeed.
        case discarded
    }

    private let store: Store
    private let messages: Messages
    /// A number of paths that fits into an argument list of 128 KiB, the least that Linux allows.
    private static let mostPaths = 400

    /// Queries this store.
    public init(_ store: Store, messages: Messages = .printed) {
        self.store = store
        self.messages = messages
    }

    /// `nix-store --query --requisites`.
    public func storePaths(of roots: [StorePath]) throws(ClosureError) -> [StorePath] {
        var found: [StorePath] = []
        for output in try ask(["--query", "--requisites"], roots) {
            var lines = ClosureLines(output, name: "nix-store", store)
            found += try lines.list()
        }
        return found
    }

    /// `nix-store --dump-db` of the requisites.
    public func answer(about roots: [StorePath]) throws(ClosureError) -> ClosureAnswer {
        let paths = Closure(try storePaths(of: roots)).storePaths
        var infos: [PathInfo] = []
        for output in try ask(["--dump-db"], paths) {
            var lines = ClosureLines(output, name: "nix-store", store)
            infos += try lines.registration(true)
        }
        return ClosureAnswer(infos, declaredCount: paths.count)
    }

    /// The answers, of as many calls as the length of the argument list requires.
    private func ask(_ question: [Path], _ paths: [StorePath]) throws(ClosureError) -> [[UInt8]] {
        var answers: [[UInt8]] = []
        for start in stride(from: 0, to: paths.count, by: Self.mostPaths) {
            let part = paths[start..<min(start + Self.mostPaths, paths.count)]
            answers.append(try run(["nix-store"] + storeArguments + question + ["--"] + part.map(store.path(of:))))
        }
        return answers
    }

    private func run(_ arguments: [Path]) throws(ClosureError) -> [UInt8] {
        let result: Subprocess.Result
        do throws(Errno) { result = try Subprocess.run(arguments, messages == .printed ? .printed : .discarded) } catch
        {
            throw ClosureError(
                "nix-store",
                "cannot run nix-store: \(error.message); install Nix, or pass the closure with --closure FILE",
                error)
        }
        guard result.status == 0 else {
            let remedy = messages == .printed ? "" : "; --closure-from nix shows its messages"
            throw ClosureError("nix-store", "nix-store failed with exit status \(result.status)\(remedy)")
        }
        return result.output
    }

    /// A store that is not moved is left to Nix's own settings. Source: Nix manual, 'Local Store'.
    private var storeArguments: [Path] {
        guard let root = store.root else { return [] }
        return ["--store", Path("local?root=\(root.percentEncoded)&store=\(store.directory.percentEncoded)")]
    }
}
