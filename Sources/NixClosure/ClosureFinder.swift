/// The source of a closure.
public enum SourceChoice: String, CaseIterable, Sendable {
    /// The first of the others that works: the database, then Nix, then a scan.
    case auto
    /// The `nix-store` program.
    case nix
    /// Nix's database.
    case database
    /// The files themselves.
    case scan
}

/// Finds closures in one source, or in the first one that works.
public struct ClosureFinder: Sendable {
    private let store: Store
    private let choice: SourceChoice
    private let scan: ScanSource

    /// - Parameters:
    ///   - workers: the number of workers of a scan; nil for one per processor.
    ///   - isCancelled: whether a scan is to stop; called often, on any thread.
    public init(
        _ store: Store, _ choice: SourceChoice, workers: Int? = nil,
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) {
        self.store = store
        self.choice = choice
        scan = ScanSource(store, workers: workers, isCancelled: isCancelled)
    }

    /// The roots and all store paths that they refer to.
    ///
    /// A source that has the store is final, even if it reports that a root is not valid: the files of such a root may
    /// be an incomplete build.
    public func find(_ roots: [StorePath]) throws(ClosureError) -> FoundClosure {
        let choices = try choice == .auto ? sources() : [choice]
        var skipped: [FoundClosure.SkippedSource] = []
        for choice in choices.dropLast() {
            do throws(ClosureError) { return try query(choice, roots, skipped) } catch {
                if error.isFinal { throw error }
                skipped.append(FoundClosure.SkippedSource(source: choice, reason: error))
            }
        }
        return try query(choices[choices.count - 1], roots, skipped)
    }

    private func query(
        _ choice: SourceChoice, _ roots: [StorePath], _ skipped: [FoundClosure.SkippedSource]
    ) throws(ClosureError) -> FoundClosure {
        try FoundClosure(try source(choice).answer(about: roots), of: roots, from: choice, skipped: skipped)
    }

    /// The sources to try, in this order. `nix-store` is left out below another root without a database, since it would
    /// create one.
    private func sources() throws(ClosureError) -> [SourceChoice] {
        let knowsNix = try store.root == nil ? true : NixDatabase.exists(for: store)
        return knowsNix ? [.database, .nix, .scan] : [.database, .scan]
    }

    private func source(_ choice: SourceChoice) throws(ClosureError) -> any ClosureSource {
        switch choice {
        case .database: try DatabaseSource(store)
        case .nix: NixCommandSource(store, messages: self.choice == .auto ? .discarded : .printed)
        case .auto, .scan: scan
        }
    }
}
