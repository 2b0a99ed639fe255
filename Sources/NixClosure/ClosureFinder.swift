/// Who is asked for a closure.
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

/// A closure and where it was read from.
public struct FoundClosure: Sendable {
    /// The name of a source, or the forms of the documents.
    public let origin: String
    /// The store paths.
    public let closure: Closure
    /// Information about each path; nil if some of the paths are only in a plain list, which has none.
    public let infos: [PathInfo]?
    /// The roots that the user named, profiles included.
    public let roots: [StorePath]
    /// How many store paths it has named, counted before anything was made of what it said.
    public let told: Int
    /// Those that were asked before and could not tell, and why.
    public var passedOver: [(source: SourceChoice, reason: ClosureError)] = []

    /// A closure that was read from documents.
    init(origin: String, closure: Closure, infos: [PathInfo]?, roots: [StorePath]) {
        (self.origin, self.closure, self.infos, self.roots) = (origin, closure, infos, roots)
        told = closure.storePaths.count
    }

    /// The closure in the answer of a source.
    ///
    /// - Throws: An error if the source named store paths that it did not describe.
    init(_ answer: ClosureAnswer, about roots: [StorePath], from source: SourceChoice) throws(ClosureError) {
        origin = source.rawValue
        closure = Closure(answer.infos.map(\.path))
        infos = answer.infos
        self.roots = roots
        told = answer.told
        if closure.storePaths.count != told { throw .incomplete(source, told: told, known: closure.storePaths.count) }
    }
}

extension FoundClosure {
    /// Whether the source declares the references of each path. A list has no references, and a scan also finds names
    /// of store paths that may not be references.
    public var declaresReferences: Bool { infos != nil && origin != SourceChoice.scan.rawValue }

    /// Who has told it, and why others could not; a line each.
    public var explanation: [String] {
        ["closure: told by \(origin)"] + passedOver.map { "closure: not by \($0.source.rawValue): \($0.reason)" }
    }
}

/// Asks for closures.
public struct ClosureFinder: Sendable {
    private let store: Store
    private let choice: SourceChoice
    private let scan: ScanSource

    /// Asks this source about this store. The number of workers, and whether it is given up, are for a scan, which may
    /// take long.
    public init(
        _ store: Store, _ choice: SourceChoice, workers: Int? = nil,
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) {
        self.store = store
        self.choice = choice
        scan = ScanSource(store, workers: workers, isCancelled: isCancelled)
    }

    /// The roots and all that they refer to.
    ///
    /// A source that knows the store has the last word, also where it says that a root is not valid: what another would
    /// make of such a root may be half of it.
    public func find(_ roots: [StorePath]) throws(ClosureError) -> FoundClosure {
        let choices = try choice == .auto ? sources() : [choice]
        var passedOver: [(SourceChoice, ClosureError)] = []
        for choice in choices.dropLast() {
            do throws(ClosureError) { return try ask(choice, roots, passedOver) } catch {
                if error.isFinal { throw error }
                passedOver.append((choice, error))
            }
        }
        return try ask(choices[choices.count - 1], roots, passedOver)
    }

    private func ask(
        _ choice: SourceChoice, _ roots: [StorePath], _ passedOver: [(SourceChoice, ClosureError)]
    ) throws(ClosureError) -> FoundClosure {
        var found = try FoundClosure(try source(choice).answer(about: roots), about: roots, from: choice)
        found.passedOver = passedOver
        return found
    }

    /// Below another root Nix knows what its database there knows; where there is none, nix-store would make one.
    private func sources() throws(ClosureError) -> [SourceChoice] {
        let knowsNix = try store.root == nil ? true : NixDatabase.exists(for: store)
        return knowsNix ? [.database, .nix, .scan] : [.database, .scan]
    }

    private func source(_ choice: SourceChoice) throws(ClosureError) -> any ClosureSource {
        switch choice {
        case .database: try DatabaseSource(store)
        case .nix: NixCommandSource(store)
        case .auto, .scan: scan
        }
    }
}
