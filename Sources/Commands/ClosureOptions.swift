import ArgumentParser
import NixClosure
import SystemCalls

/// Options that say where a closure is recorded and where its store is.
struct ClosureOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A file with the closure: store paths, one a line, a registration, or path-info's JSON; - for standard "
                + "input. Several files are joined.", valueName: "file"),
        completion: .file())
    var closure: [String] = []

    @Option(
        help: ArgumentHelp("Source of the closure: auto, database, nix or scan.", valueName: "source"),
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

    /// Resolves an operand in the store, or else in the root file system to which an earlier run moved store paths.
    static func resolve<R>(
        in store: Store, _ moved: Store?, _ body: (RootResolver) throws(ClosureError) -> R
    ) throws(ClosureError) -> R {
        do throws(ClosureError) { return try body(RootResolver(store)) } catch {
            guard let moved, let found = try? body(RootResolver(moved)) else { throw error }
            return found
        }
    }

    /// The closure, which is the same for every command. Each of its paths exists in the store, or in the root file
    /// system to which an earlier run moved some of them.
    ///
    /// - Parameter roots: the ROOT operands and the profiles.
    func find(
        _ roots: [Path], in store: Store, movedTo moved: Store? = nil, workers: Int? = nil
    ) throws(ClosureError) -> FoundClosure {
        let resolved = try roots.map { (root) throws(ClosureError) in
            try Self.resolve(in: store, moved) { (resolver) throws(ClosureError) in try resolver.resolve(root) }
                .storePath
        }
        let found: FoundClosure
        if let recorded = try recorded(resolved, in: store) {
            found = recorded
        } else {
            found = try ClosureFinder(store, source, workers: workers).find(resolved)
        }
        try found.closure.check(in: [store] + (moved.map { [$0] } ?? []))
        return found
    }

    /// The closure that the documents record; nil if there is no document.
    func recorded(_ roots: [StorePath] = [], in store: Store) throws(ClosureError) -> FoundClosure? {
        if closure.isEmpty { return nil }
        let documents = try closure.map { (file) throws(ClosureError) in
            try ClosureDocument(reading: Path(file), store)
        }
        return try FoundClosure(documents, roots: roots, in: store)
    }

    /// Information about the closure to compare with: that of a root, or the one that a file records.
    func infos(ofOther text: String, in store: Store) throws(ClosureError) -> [PathInfo] {
        var other = self
        other.closure = []
        do throws(ClosureError) {
            if text != "-" {
                return try other.find([Path(text)], in: store).infos(in: store, hashed: true)
            }
        } catch { if !error.isOutside { throw error } }
        other.closure = [text]
        return try other.find([], in: store).infos(in: store, hashed: true)
    }

    var source: SourceChoice { SourceChoice(rawValue: closureFrom) ?? .auto }

    mutating func validate() throws {
        try requireOneReaderOfInput(["--closure": closure])
        guard SourceChoice(rawValue: closureFrom) != nil else {
            throw ValidationError("--closure-from takes auto, database, nix or scan, not '\(closureFrom)'")
        }
    }
}

extension FoundClosure {
    /// Prints the source of the closure, and why others were skipped, on standard error.
    func explain() { for line in explanation { Console.line(line, to: .error) } }
}
