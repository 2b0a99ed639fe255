import Synchronization
public import SystemCalls

/// How many entries of each kind a run has made.
public struct CopyCounts: Sendable, Hashable {
    /// Regular files that share the source's inode.
    public var linked = 0
    /// Regular files that share the source's extents.
    public var cloned = 0
    /// Regular files with bytes of their own.
    public var copied = 0
    /// Names for an inode that this run had made before.
    public var relinked = 0
    /// Directories.
    public var directories = 0
    /// Symlinks.
    public var symlinks = 0
    /// FIFOs, sockets and devices.
    public var specials = 0
    /// Entries left as they were, as asked.
    public var skipped = 0
    /// Entries left out, as asked, with all below them.
    public var pruned = 0
    /// Content of those that are regular files.
    public var prunedBytes: Int64 = 0
    /// Roots that were renamed into place rather than copied.
    public var moved = 0
    /// Content of the regular files, as their sizes say.
    public var bytes: Int64 = 0

    /// Entries of all kinds.
    public var entries: Int { files + directories + symlinks + specials }
    /// Regular files by whatever strategy.
    public var files: Int { linked + cloned + copied + relinked }
}

/// Why a strategy was or was not used between two volumes: what `--explain` prints.
public struct StrategyReason: Sendable, Hashable {
    /// The first source on the first volume, by name.
    public let source: Path
    /// The kinds of the two file systems.
    public let fileSystems: String
    /// A sentence a strategy.
    public let findings: [String]
}

/// What a run did, and what it did not do.
public struct CopyReport: Sendable {
    /// What was made.
    public var counts = CopyCounts()
    /// Files that the user refused to overwrite: failures without a message.
    public var declined = 0
    /// Roots that are in place.
    public var roots = 0
    /// The first thousand failures, by root and path.
    public var errors: [CopyError] = []
    /// All failures.
    public var errorCount = 0
    /// The first thousand losses that the options allowed, by path.
    public var warnings: [CopyError] = []
    /// All such losses.
    public var warningCount = 0
    /// Why files took a lower strategy than the first, with how many.
    public var fallbacks: [String: Int] = [:]
    /// The state of the strategies for each pair of volumes.
    private let ladders: StrategyLadders?
    private let strategy: StrategyChoice
    /// The run was cancelled before its end.
    public var wasCancelled = false
    /// From the first system call to the last.
    public var seconds = 0.0

    /// An empty report.
    public init() {
        ladders = nil
        strategy = .auto
    }

    init(_ ladders: StrategyLadders, _ strategy: StrategyChoice) {
        self.ladders = ladders
        self.strategy = strategy
    }

    /// The reason for the strategy of each pair of volumes.
    public var reasons: [StrategyReason] { ladders?.reasons(for: strategy) ?? [] }
}

/// A number that one worker raises and others may read; it stops at its maximum.
struct Counter: ~Copyable, Sendable {
    private let atomic = Atomic<Int>(0)

    var value: Int { atomic.load(ordering: .relaxed) }
    func add(_ more: Int) { atomic.store(value.addingSaturated(more), ordering: .relaxed) }
    func increment() { add(1) }
}

/// What one worker has done; read by the progress display while it works.
final class Tally: Sendable {
    let linked = Counter()
    let cloned = Counter()
    let copied = Counter()
    let relinked = Counter()
    let directories = Counter()
    let symlinks = Counter()
    let specials = Counter()
    let skipped = Counter()
    let bytes = Counter()

    var counts: CopyCounts {
        CopyCounts(
            linked: linked.value, cloned: cloned.value, copied: copied.value, relinked: relinked.value,
            directories: directories.value, symlinks: symlinks.value, specials: specials.value,
            skipped: skipped.value, bytes: Int64(bytes.value))
    }
}

extension CopyCounts {
    static func += (sum: inout CopyCounts, more: CopyCounts) {
        sum.linked += more.linked
        sum.cloned += more.cloned
        sum.copied += more.copied
        sum.relinked += more.relinked
        sum.directories += more.directories
        sum.symlinks += more.symlinks
        sum.specials += more.specials
        sum.skipped += more.skipped
        sum.bytes = sum.bytes.addingSaturated(more.bytes)
    }
}

/// What went wrong so far, from all workers.
final class Findings: Sendable {
    private struct State {
        var errors = KeptErrors()
        var warnings = KeptErrors()
        var fallbacks: [String: Int] = [:]
    }

    private let state = Mutex(State())

    func add(error: CopyError, of root: Int) { state.withLock { $0.errors.add(error, of: root) } }

    /// Counts an error that another one has described.
    func addRepeatedError() { state.withLock { $0.errors.addRepeated() } }

    /// Of no root: it is about what they share.
    func add(warning: CopyError) { state.withLock { $0.warnings.add(warning, of: 0) } }

    func add(fallback reason: String) {
        state.withLock { $0.fallbacks[reason, default: 0] += 1 }
    }

    func fill(_ report: inout CopyReport) {
        state.withLock { state in
            // Each assignment takes 15 µs, even if both values are empty.
            if state.errors.count > 0 { report.errors = state.errors.first }
            if state.warnings.count > 0 { report.warnings = state.warnings.first }
            if !state.fallbacks.isEmpty { report.fallbacks = state.fallbacks }
            report.errorCount = state.errors.count
            report.warningCount = state.warnings.count
        }
    }
}

/// The first thousand by root and path, so that a run over a broken disk stays within its memory, and what it tells
/// does not depend on which worker was faster; the rest is counted.
struct KeptErrors {
    private struct Kept {
        let root: Int
        let error: CopyError

        func comes(before other: Kept) -> Bool {
            if root != other.root { return root < other.root }
            if error.path != other.error.path { return error.path < other.error.path }
            return error.description < other.error.description
        }
    }

    static let limit = 1000
    private var kept: [Kept] = []
    private(set) var count = 0

    /// Sorted once in a thousand.
    mutating func add(_ error: CopyError, of root: Int) {
        count += 1
        kept.append(Kept(root: root, error: error))
        if kept.count == 2 * Self.limit { kept = Array(sorted.prefix(Self.limit)) }
    }

    mutating func addRepeated() { count += 1 }

    var first: [CopyError] { sorted.prefix(Self.limit).map(\.error) }

    private var sorted: [Kept] { kept.sorted { $0.comes(before: $1) } }
}
