import FileTree
import Synchronization
import SystemCalls

/// A step of a run, in the hands of one worker.
enum Job: Sendable {
    case root(RootTask)
    case open(DirectoryTask)
    case read(DirectoryTask)
}

/// What all workers of a run share.
final class CopyRun: Sendable {
    let options: CopyOptions
    let isCancelled: @Sendable () -> Bool
    let onEntry: (@Sendable (Path, Path) -> Void)?
    let pool: WorkPool<Job>
    let tallies: [Tally]
    let findings = Findings()
    let ladders = StrategyLadders()
    let hardLinks = HardLinkTable()
    let authority = OwnerAuthority()
    let descriptors: DescriptorBudget
    let mask: FileMode
    let finishedRoots = Atomic<Int>(0)
    /// Directories that this run has made for roots: a source that contains one must not copy it.
    private let madeForRoots = Mutex<Set<FileIdentity>>([])
    /// Several roots have one destination: a file that the first has made there, the next must not overwrite.
    private let hasCollidingRoots: Bool
    private let madeRoots = Mutex<Set<FileIdentity>>([])
    private let isStopped = Atomic<Bool>(false)
    let wasCancelled = Atomic<Bool>(false)
    private let access = AccessTimes()

    init(_ request: CopyRequest) {
        options = request.options
        isCancelled = request.isCancelled
        onEntry = request.onEntry
        let limit = ProcessState.descriptorLimit
        // A worker has up to eight files and directories open.
        let width = max(1, min(options.workers ?? max(2, ProcessState.processors), (limit - 32) / 8))
        pool = WorkPool(width: width)
        tallies = (0..<width).map { _ in Tally() }
        descriptors = DescriptorBudget(limit: limit, workers: width)
        mask = ProcessState.mask
        hasCollidingRoots = Set(request.roots.map(\.destination)).count < request.roots.count
    }

    /// Nothing new is begun: the user has interrupted, or nothing can be written any more.
    var isOver: Bool {
        if isStopped.load(ordering: .relaxed) { return true }
        guard isCancelled() else { return false }
        // What is left out from now on stays left out, whatever the caller says later.
        wasCancelled.store(true, ordering: .relaxed)
        isStopped.store(true, ordering: .relaxed)
        return true
    }

    var counts: CopyCounts { tallies.reduce(into: CopyCounts()) { $0 += $1.counts } }

    /// Whether the inode may come under another name that has to become a link: it has several, or symlinks
    /// that are followed may lead to it.
    func mayMeetAgain(_ metadata: Metadata, _ site: CopySite) -> Bool {
        options.preserve.contains(.links) && (metadata.links > 1 || site.follows)
    }

    func noteMadeForRoot(_ identity: FileIdentity) { _ = madeForRoots.withLock { $0.insert(identity) } }

    func isMadeForRoot(_ identity: FileIdentity) -> Bool { madeForRoots.withLock { $0.contains(identity) } }

    /// Source: cp refuses to overwrite what it has just created.
    func refuseJustCreated(_ site: CopySite) throws(Failure) {
        guard hasCollidingRoots, site.parent == nil, options.existing != .skip,
            let present = try? site.destination.metadata(of: site.name, following: false),
            madeRoots.withLock({ $0.contains(present.identity) })
        else { return }
        throw Failure(
            reason: .refused(
                "will not overwrite just-created \(site.destinationPath.quoted) with \(site.sourcePath.quoted)"),
            side: .destination)
    }

    func noteCreated(_ site: CopySite) {
        guard hasCollidingRoots, site.parent == nil,
            let made = try? site.destination.metadata(of: site.name, following: false)
        else { return }
        _ = madeRoots.withLock { $0.insert(made.identity) }
    }

    /// Counts a failure against its root; a full or read-only destination ends the run.
    func add(_ error: CopyError, to root: RootTask?, side: Side) {
        root?.failures.add(1, ordering: .relaxed)
        findings.add(error: error)
        if side == .destination, error.endsRun { isStopped.store(true, ordering: .relaxed) }
    }

    func add(_ failure: Failure, _ site: CopySite) {
        if failure.reason == .cancelled { return }
        let path = failure.side == .source ? site.sourcePath : site.destinationPath
        let other: Path? =
            switch failure.reason {
            case .failed(.link, _), .failed(.clone, _): site.sourcePath
            default: nil
            }
        add(CopyError(failure.reason, path, other: other), to: site.root, side: failure.side)
    }

    /// Opens a source without touching its access time, where that is permitted.
    func openSource<File: ~Copyable>(
        _ options: OpenOptions, _ open: (OpenOptions) throws(Errno) -> File
    ) throws(Failure) -> File {
        do throws(Errno) { return try access.open(options, open) } catch { throw .failed(.open, error, .source) }
    }
}

/// How many directories may stay open. Beyond a quarter of the limit, directories that wait for deeper ones
/// are closed on both sides, but for every 16th level, then every 256th, so that opening one again never
/// walks far.
final class DescriptorBudget: Sendable {
    private let limit: Int
    private let open = Atomic<Int>(0)

    init(limit: Int, workers: Int) { self.limit = max(16, limit - 16 - 4 * workers) }

    func opened(_ count: Int) { open.add(count, ordering: .relaxed) }
    func closed(_ count: Int) { open.subtract(count, ordering: .relaxed) }

    func shouldPark(depth: Int) -> Bool {
        let used = open.load(ordering: .relaxed)
        if used < limit / 4 { return false }
        if used < limit / 3 { return depth % 16 != 0 }
        if used < limit * 5 / 12 { return depth % 256 != 0 }
        return depth > 0
    }
}
