import FileTree
import Synchronization
import SystemCalls

/// A step of a run, in the hands of one worker.
enum Job: Sendable {
    case root(RootTask)
    case open(DirectoryTask)
    case read(DirectoryTask)
    /// One entry, where their order matters.
    case entry(DirectoryTask, DirectoryEntry)
}

/// The file that a root has become.
private struct MadeRoot: Hashable {
    let name: FoldedPath
    let file: FileIdentity
}

extension MadeRoot {
    fileprivate init(_ site: CopySite, _ made: Metadata) {
        name = FoldedPath(site.root.request.destination)
        file = made.identity
    }
}

/// A path in a form that is the same for all paths that a file system could take for it: without case and in the sense
/// of Unicode's canonical equivalence, which the comparison of strings has.
struct FoldedPath: Hashable {
    private let text: String

    init(_ path: Path) { text = String(decoding: path.bytes, as: UTF8.self).lowercased() }
}

/// A set of inodes. The first one needs no table, since most runs have one root.
private struct IdentitySet {
    private var first: FileIdentity?
    private var others: Set<FileIdentity> = []

    mutating func insert(_ identity: FileIdentity) {
        if first == nil { first = identity } else if first != identity { others.insert(identity) }
    }

    func contains(_ identity: FileIdentity) -> Bool {
        first == identity || (!others.isEmpty && others.contains(identity))
    }
}

/// What all workers of a run share.
final class CopyRun: Sendable {
    let options: CopyOptions
    let isCancelled: @Sendable () -> Bool
    let onEvent: (@Sendable (CopyEvent) -> Void)?
    let confirm: (@Sendable (Question) -> Bool)?
    /// One worker, in the order of GNU cp.
    let isOrdered: Bool
    /// What holds for files that are there already.
    let overwriting: Overwriting
    let pool: WorkPool<Job>
    let tallies: [Tally]
    let findings = Findings()
    /// nil where nobody listens.
    let errorOrder: ErrorOrder?
    let targets = Mutex(OpenTargets())
    let ladders = StrategyLadders()
    let hardLinks = HardLinkTable()
    let writes = WriteClaims()
    let timeResolutions = TimeResolutions()
    /// Some root has a destination that is there, or will be by then.
    let meetsSomething = Atomic<Bool>(false)
    let authority = OwnerAuthority()
    let descriptors: DescriptorBudget
    /// Whether directories that receive roots are closed while they wait. Those that hold temporary names stay open.
    let parksTargets: Bool
    let mask: FileMode
    /// The file systems and roots to write to disk; nil if nothing has to be on disk when the run ends.
    let durability: Durability?
    let finishedRoots = Atomic<Int>(0)
    /// The files that the user refused to overwrite.
    let declined = Atomic<Int>(0)
    /// Directories that this run has made for roots: a source that contains one must not copy it.
    private let madeForRoots = Mutex(IdentitySet())
    /// Several roots may have one destination: a file that the first has made there, the next must not overwrite.
    let hasCollidingRoots = Atomic<Bool>(false)
    private let madeRoots = Mutex<Set<MadeRoot>>([])
    private let isStopped = Atomic<Bool>(false)
    let wasCancelled = Atomic<Bool>(false)
    private let access = AccessTimes()

    init(_ request: CopyRequest) {
        options = request.options
        isCancelled = request.isCancelled
        onEvent = request.onEvent
        confirm = request.confirm
        errorOrder = ErrorOrder(request)
        overwriting = request.options.existing.overwriting ?? Overwriting()
        let limit = ProcessState.descriptorLimit
        isOrdered = request.isOrdered
        let wanted = isOrdered ? 1 : options.workers ?? max(2, ProcessState.processors)
        // A worker has up to eight files and directories open.
        let width = max(1, min(wanted, (limit - 32) / 8))
        pool = WorkPool(width: width)
        tallies = (0..<width).map { _ in Tally() }
        descriptors = DescriptorBudget(limit: limit, workers: width)
        parksTargets = descriptors.isTiny && !request.roots.contains { $0.publication == .whole }
        mask = ProcessState.mask
        durability = options.syncs ? Durability() : nil
    }

    /// Compares the destinations of the roots. If none of them existed before the run, equal names in another spelling
    /// need not be found here: creating the second one fails.
    func findCollisions(_ roots: [CopyRoot], meetsSomething: Bool) {
        var isColliding = Set(roots.map(\.destination)).count < roots.count
        if !isColliding, meetsSomething || isOrdered || options.actsAsGNU {
            isColliding = Set(roots.map { FoldedPath($0.destination) }).count < roots.count
        }
        hasCollidingRoots.store(isColliding, ordering: .relaxed)
        self.meetsSomething.store(meetsSomething || isColliding, ordering: .relaxed)
    }

    /// What is there is looked at before anything is made. Otherwise a file is made as if there were nothing, and
    /// looked for after the kernel has refused, which saves a call a file.
    var looksFirst: Bool {
        isOrdered || confirm != nil || overwriting.onlyOlder || overwriting.removesFirst || overwriting.backup != nil
            || options.strategy == .symlink
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

    func noteMadeForRoot(_ identity: FileIdentity) { madeForRoots.withLock { $0.insert(identity) } }

    func isMadeForRoot(_ identity: FileIdentity) -> Bool { madeForRoots.withLock { $0.contains(identity) } }

    /// Source: cp refuses to overwrite what it has just created, and to write through a symlink that it has. `present`
    /// is what it looks at, nil where that is nothing.
    func refuseJustCreated(_ site: CopySite, _ present: Metadata?) throws(Failure) {
        guard mayCollide(site), options.existing != .skip,
            let entry = try? site.destination.metadata(of: site.name, following: false),
            madeRoots.withLock({ $0.contains(MadeRoot(site, entry)) })
        else { return }
        let (from, to) = (site.sourcePath.quoted, site.destinationPath.quoted)
        if let present, present.identity == entry.identity {
            if overwriting.backup?.control == .numbered { return }
            throw Failure(reason: .refused("will not overwrite just-created \(to) with \(from)"), side: .destination)
        }
        guard overwriting.backup == nil, entry.kind == .symlink else { return }
        throw Failure(
            reason: .refused("will not copy \(from) through just-created symlink \(to)"), side: .destination)
    }

    /// Several roots have one destination: GNU cp does not overwrite what it has just made.
    func mayCollide(_ site: CopySite) -> Bool { site.parent == nil && hasCollidingRoots.load(ordering: .relaxed) }

    func noteCreated(_ site: CopySite) {
        guard mayCollide(site),
            let made = try? site.destination.metadata(of: site.name, following: false)
        else { return }
        _ = madeRoots.withLock { $0.insert(MadeRoot(site, made)) }
    }

    /// Counts a failure against its root.
    func add(_ error: CopyError, to root: RootTask, side: Side) {
        root.failures.add(1, ordering: .relaxed)
        add(error, of: root.request.number, side: side)
    }

    /// A full destination ends the run. A system call that a signal interrupted is no failure of its own.
    func add(_ error: CopyError, of root: Int, side: Side) {
        if error.errno == .interrupted, isOver { return }
        findings.add(error: error, of: root)
        errorOrder?.add(error, of: root)
        if side == .destination, error.endsRun { isStopped.store(true, ordering: .relaxed) }
    }

    func add(_ failure: Failure, _ site: CopySite) {
        if failure.reason == .cancelled { return }
        if isRepeated(failure, site.ladder) {
            site.root.failures.add(1, ordering: .relaxed)
            return findings.addRepeatedError()
        }
        // A capability of another user namespace is not in force in this one.
        if failure.reason == .failed(.readAttributes, .overflow) {
            return findings.add(warning: CopyError(failure.reason, site.sourcePath))
        }
        let path = failure.side == .source ? site.sourcePath : site.destinationPath
        let other: Path? =
            switch failure.reason {
            case .failed(.link, _), .failed(.clone, _): site.sourcePath
            case .failed(.symlink, _) where options.strategy == .symlink: site.sourcePath
            default: nil
            }
        add(CopyError(failure.reason, path, other: other), to: site.root, side: failure.side)
    }

    /// With `--strict`, a refusal that holds for all files between two file systems has one message, and is counted.
    private func isRepeated(_ failure: Failure, _ ladder: StrategyLadder) -> Bool {
        guard options.isStrict, !options.actsAsGNU else { return false }
        return switch failure.reason {
        case .failed(.link, _): ladder.hardlink.wasReported
        case .failed(.clone, _): ladder.reflink.wasReported
        default: false
        }
    }

    /// Opens a source without touching its access time, where that is permitted.
    func openSource<File: ~Copyable>(
        _ operation: Operation, _ options: OpenOptions, _ open: (OpenOptions) throws(Errno) -> File
    ) throws(Failure) -> File {
        do throws(Errno) { return try access.open(options, open) } catch { throw .failed(operation, error, .source) }
    }
}

/// How many directories may stay open. Beyond a quarter of the limit, directories that wait for deeper ones
/// are closed on both sides, but for every 16th level, then every 256th, so that opening one again never
/// walks far.
final class DescriptorBudget: Sendable {
    /// Fewer descriptors than this suffice only if all directories that wait are closed, also those that receive roots.
    static let fewDescriptors = 16
    /// Whether the limit is below that number.
    let isTiny: Bool
    private let limit: Int
    private let open = Atomic<Int>(0)

    init(limit: Int, workers: Int) {
        isTiny = limit < Self.fewDescriptors
        self.limit = max(16, limit - 16 - 4 * workers)
    }

    func opened(_ count: Int) { open.add(count, ordering: .relaxed) }
    func closed(_ count: Int) { open.subtract(count, ordering: .relaxed) }

    func shouldPark(depth: Int) -> Bool {
        if isTiny { return true }
        let used = open.load(ordering: .relaxed)
        if used < limit / 4 { return false }
        if used < limit / 3 { return depth % 16 != 0 }
        if used < limit * 5 / 12 { return depth % 256 != 0 }
        return depth > 0
    }
}
