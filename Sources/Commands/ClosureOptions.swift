import ArgumentParser
import NixClosure
import SystemCalls

/// Which closure, and where it is.
struct ClosureOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The closure: store paths, one a line, a registration, or path-info's JSON; - for standard input.",
            valueName: "file"),
        completion: .file())
    var closure: String?

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

    /// The store paths that these roots come to. What an earlier run has moved is found where it is now.
    func resolve(_ roots: [Path], in store: Store, movedTo moved: Store? = nil) throws(ClosureError) -> [StorePath] {
        var named: [StorePath] = []
        for root in roots { named.append(try Self.resolve(root, in: store, moved).storePath) }
        return named
    }

    static func resolve(_ root: Path, in store: Store, _ moved: Store?) throws(ClosureError) -> ResolvedRoot {
        do throws(ClosureError) { return try RootResolver(store).resolve(root) } catch {
            guard let moved, let found = try? RootResolver(moved).resolve(root) else { throw error }
            return found
        }
    }

    /// The closure, every path of which is there: in the store, or in the root that some of it was moved to.
    func find(
        _ roots: [Path], in store: Store, movedTo moved: Store? = nil, workers: Int? = nil
    ) throws(ClosureError) -> FoundClosure {
        try find(try resolve(roots, in: store, movedTo: moved), in: store, movedTo: moved, workers: workers)
    }

    func find(
        _ named: [StorePath], in store: Store, movedTo moved: Store? = nil, workers: Int? = nil
    ) throws(ClosureError) -> FoundClosure {
        let found: FoundClosure
        if let closure {
            found = FoundClosure(try ClosureDocument(reading: Path(closure), store))
            for root in named where !found.closure.contains(root) {
                throw .notListed(store.path(of: root), in: Path(closure))
            }
        } else {
            found = try ClosureFinder(store, source, workers: workers).find(named)
        }
        try found.closure.check(in: [store] + (moved.map { [$0] } ?? []))
        return found
    }

    /// Another closure: that of a root, or one that a file holds.
    func infos(ofOther text: String, in store: Store) throws(ClosureError) -> [PathInfo] {
        var other = self
        var roots: [StorePath] = []
        if text == "-" {
            other.closure = text
            return try other.find(roots, in: store).infos(in: store, hashed: true)
        }
        do throws(ClosureError) {
            roots = [try RootResolver(store).resolve(Path(text)).storePath]
            other.closure = nil
        } catch {
            guard error.isOutside else { throw error }
            other.closure = text
        }
        return try other.find(roots, in: store).infos(in: store, hashed: true)
    }

    var source: SourceChoice { SourceChoice(rawValue: closureFrom) ?? .auto }

    mutating func validate() throws {
        guard SourceChoice(rawValue: closureFrom) != nil else {
            throw ValidationError("--closure-from takes auto, database, nix or scan, not '\(closureFrom)'")
        }
    }
}

extension FoundClosure {
    /// Says who has told it, and why others could not.
    func explain() { for line in explanation { Console.line(line, to: .error) } }
}
