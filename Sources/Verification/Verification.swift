import FileTree
import Nar
public import NixClosure
public import Pruning
public import SystemCalls

/// Whether a root file system's store is complete and unaltered.
///
/// Each store path is read once: its bytes are hashed, and looked through for names of store paths, while they are in
/// the processor's cache.
public struct Verification: Sendable {
    /// The store in the root file system.
    private let store: Store
    private let expectation: ExpectedStore
    /// The store that it was made from, where that is at hand: it tells which files differ.
    public var source: Store?
    /// To whom all should belong; nil for whom most store paths belong to.
    public var owner: Ownership?
    /// The modification time that all should have, in seconds since 1970.
    public var modificationTime: Int64 = 1
    /// What was left out on purpose.
    public var pruned = PruneRecord()
    /// The store paths that the root file system's own Nix database lists. No finding recommends removing one of them.
    public var listed: Set<StorePath> = []
    /// The number of workers; nil for one a processor.
    public var workers: Int?
    /// Asked now and then, on any worker: true ends the run.
    public var isCancelled: @Sendable () -> Bool = { false }
    private let reading = ReadingProgress()

    /// Compares the store with what is expected of it.
    public init(of store: Store, _ expectation: ExpectedStore) {
        self.store = store
        self.expectation = expectation
    }

    /// Entries and bytes of content that are done; may be asked from any thread meanwhile.
    public var progress: (entries: Int, bytes: Int64) { (reading.entries, reading.bytes) }

    /// Reads everything and returns all that was found.
    public func run() throws(PathError) -> VerificationReport {
        let begin = monotonicNanoseconds()
        let infos = expectation.without(pruned, in: source, workers: workers).infos
        let expected = Dictionary(infos.map { ($0.path, $0) }) { first, _ in first }
        let listing = try StoreListing(of: store, expecting: Set(expected.keys))
        let present = Set(listing.storePaths)
        guard !expected.isEmpty || !present.isEmpty else { throw .empty(store) }
        var report = VerificationReport(origin: expectation.origin)
        report.findings = unexpected(listing, expected: Set(expected.keys))
        report.findings += expected.keys.filter { !present.contains($0) }.map { Finding($0, .missing) }
        let whole = expected.values.filter { !pruned.contains($0.path) }
        report.findings += ClosureCheck.openReferences(whole, among: infos)
        let known = listing.storePaths.compactMap { expected[$0] }
        for result in examine(known, try rules(listing, Set(expected.keys))) { report.add(result) }
        report.findings += expectation.malformedRows
        report.unchecked = known.filter { $0.narHash == nil }.map {
            UncheckedPath(path: $0.path, reason: expectation.hashFailures[$0.path])
        }
        report.findings.sort()
        report.notes.sort()
        report.seconds = Double(monotonicNanoseconds() - begin) / 1e9
        return report
    }

    private func unexpected(_ listing: StoreListing, expected: Set<StorePath>) -> [Finding] {
        listing.leftovers.map { Finding($0, .leftover) }
            + listing.others.map { Finding($0, .unknown(isListed: false)) }
            + listing.storePaths.filter { !expected.contains($0) }
            .map { Finding($0, .unknown(isListed: listed.contains($0))) }
    }

    /// What leads to something that is missing is as it should be: the missing store path is the news.
    private func rules(_ listing: StoreListing, _ expected: Set<StorePath>) throws(PathError) -> InspectionRules {
        var rules = InspectionRules(expected.union(listing.storePaths), in: store)
        let owner = if let owner { owner } else { try listing.usualOwner(in: store) }
        rules.declaresReferences = expectation.declaresReferences
        rules.metadata = MetadataRule(owner: owner, modificationTime: modificationTime)
        rules.holed = Set(expected.subtracting(listing.storePaths).map(\.baseName))
        rules.holed.formUnion(listing.storePaths.filter { pruned.contains($0) }.map(\.baseName))
        return rules
    }

    private func examine(_ infos: [PathInfo], _ rules: InspectionRules) -> [Examination.Result] {
        let access = AccessTimes()
        return JobList(sizes: infos.map { $0.narSize ?? 0 }, workers: workers ?? ProcessState.processors).run {
            [reading, isCancelled] in
            TreeReader(access, reading, isCancelled: isCancelled)
        } _: { [store, source, pruned] reader, job in
            var result = Examination.result(of: infos[job], in: store, rules, reader)
            if result.isAltered, let source {
                result.compare(infos[job].path, in: store, with: source, pruned, reader)
            }
            return result
        }
    }
}

extension PathError {
    /// A run that staged nothing would look as good as one that staged all.
    fileprivate static func empty(_ store: Store) -> PathError {
        PathError(
            store.physicalDirectory,
            "\(store.physicalDirectory.quoted) holds no store path, and nothing says what should be there: "
                + "stage a closure, or name it with --closure")
    }
}

/// A store path whose content was not checked, since its hash is unknown.
public struct UncheckedPath: Hashable, Sendable {
    /// The store path.
    public let path: StorePath
    /// The error that occurred while computing the hash from the store's copy; nil if there is no copy.
    public let reason: PathError?
}

/// The result of a verification.
public struct VerificationReport: Sendable {
    /// Who said what should be there.
    public let origin: String
    /// All that is wrong, in byte order of the paths.
    public internal(set) var findings: [Finding] = []
    /// Observations that need no action, in byte order of the paths.
    public internal(set) var notes: [Finding] = []
    /// The store paths whose hashes are unknown, in byte order. Everything else about them was checked.
    public internal(set) var unchecked: [UncheckedPath] = []
    /// How many store paths were read.
    public internal(set) var storePaths = 0
    /// Their size as archives, in bytes.
    public internal(set) var bytes: UInt64 = 0
    /// How long it took.
    public internal(set) var seconds = 0.0
    /// It was ended before everything was read.
    public internal(set) var wasCancelled = false

    init(origin: String) { self.origin = origin }

    mutating func add(_ result: Examination.Result) {
        if result.wasCancelled { return wasCancelled = true }
        storePaths += 1
        bytes += result.digest?.size ?? 0
        findings += result.findings.filter { !$0.isNote }
        notes += result.findings.filter(\.isNote)
    }

    /// The store paths that a new copy from the store would set right, each once.
    public var damaged: [StorePath] {
        Set(findings.filter(\.isDamage).compactMap { StorePath(baseName: $0.entry) }).sorted()
    }

    /// Whether everything is as it should be.
    public var isClean: Bool { findings.isEmpty && !wasCancelled }
}
