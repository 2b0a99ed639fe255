import ArgumentParser
import NixClosure
import SystemCalls

/// The operands that select a closure.
struct ClosureOperands {
    /// The ROOT operands.
    var roots: [Path]
    /// The profiles, which belong to the closure too.
    var profiles: [Path] = []
}

/// Options that say where a closure is recorded and where its store is.
struct ClosureOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A file with the closure: store paths, one a line, a registration, or path-info's JSON; - for standard "
                + "input. Several files are joined.", valueName: "file"),
        completion: .file())
    var closure: [String] = []

    @Option(
        help: ArgumentHelp("Who is asked for the closure: auto, database, nix or scan.", valueName: "source"),
        completion: .list(SourceChoice.allCases.map(\.rawValue)))
    var closureFrom = "auto"

    @Option(
        name: .customLong("store"), help: ArgumentHelp("The store's directory.", valueName: "dir"),
        completion: .directory)
    var storeDirectory = "/nix/store"

    @Option(
        help: ArgumentHelp("The directory that holds the store, as in Nix's local?root=.", valueName: "dir"),
        completion: .directory)
    var storeRoot: String?

    func store() throws(ClosureError) -> Store {
        try Store(directory: Path(storeDirectory), root: storeRoot.map { Path($0) })
    }

    static func resolve(_ root: Path, in store: Store, _ moved: Store?) throws(ClosureError) -> ResolvedRoot {
        do throws(ClosureError) { return try RootResolver(store).resolve(root) } catch {
            guard let moved, let found = try? RootResolver(moved).resolve(root) else { throw error }
            return found
        }
    }

    /// The closure, which is the same for every command. Each of its paths exists in the store, or in the root file
    /// system to which an earlier run moved some of them.
    func find(
        _ operands: ClosureOperands, in store: Store, movedTo moved: Store? = nil, workers: Int? = nil
    ) throws(ClosureError) -> FoundClosure {
        func resolve(_ paths: [Path]) throws(ClosureError) -> [StorePath] {
            try paths.map { (path) throws(ClosureError) in try Self.resolve(path, in: store, moved).storePath }
        }
        let (roots, profiles) = (try resolve(operands.roots), try resolve(operands.profiles))
        let found: FoundClosure
        if let recorded = try recorded(roots, profiles, in: store) {
            found = recorded
        } else {
            found = try ClosureFinder(store, source, workers: workers).find(roots + profiles)
        }
        try found.closure.check(in: [store] + (moved.map { [$0] } ?? []))
        return found
    }

    /// The closure that the documents record; nil if there is no document.
    func recorded(
        _ roots: [StorePath] = [], _ profiles: [StorePath] = [], in store: Store
    ) throws(ClosureError) -> FoundClosure? {
        if closure.isEmpty { return nil }
        let documents = try closure.map { (file) throws(ClosureError) in
            try ClosureDocument(reading: Path(file), store)
        }
        return try FoundClosure(documents, roots: roots, additions: profiles, in: store)
    }

    /// The closure to compare with: that of a root, or the one that a file records.
    func infos(ofOther text: String, in store: Store) throws(ClosureError) -> [PathInfo] {
        var other = self
        other.closure = []
        do throws(ClosureError) {
            if text != "-" {
                return try other.find(ClosureOperands(roots: [Path(text)]), in: store).infos(in: store, hashed: true)
            }
        } catch { if !error.isOutside { throw error } }
        other.closure = [text]
        return try other.find(ClosureOperands(roots: []), in: store).infos(in: store, hashed: true)
    }

    var source: SourceChoice { SourceChoice(rawValue: closureFrom) ?? .auto }

    mutating func validate() throws {
        try requireOneInput(["--closure": closure])
        guard SourceChoice(rawValue: closureFrom) != nil else {
            throw ValidationError("--closure-from takes auto, database, nix or scan, not '\(closureFrom)'")
        }
    }
}

extension FoundClosure {
    /// Says who has told it, and why others could not.
    func explain() { for line in explanation { Console.line(line, to: .error) } }
}
