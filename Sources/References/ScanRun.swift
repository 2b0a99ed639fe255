import FileTree
import Synchronization
import SystemCalls

/// A step of a scan, in the hands of one worker.
enum ScanJob: Sendable {
    case walk(ScannedTree)
    case entries([ScanEntry])
    /// Help with a file that another worker has begun.
    case pieces(LargeFile)
}

/// What all workers of a scan share.
final class ScanRun: Sendable {
    let place: Path
    let directory: Directory
    let pool: WorkPool<ScanJob>
    let access = AccessTimes()
    private let isCancelled: @Sendable () -> Bool
    private let wasCancelled = Atomic<Bool>(false)
    private let sought: HashDetector
    private let successors: @Sendable (Int) -> [Path]
    private let trees = Mutex<[Path: ScannedTree]>([:])

    /// - Parameter successors: the trees to go on with when something was found.
    init(
        _ scan: ReferenceScan, _ sought: HashDetector, successors: @escaping @Sendable (Int) -> [Path] = { _ in [] }
    ) throws(PathError) {
        place = scan.directory
        isCancelled = scan.isCancelled
        self.sought = sought
        self.successors = successors
        pool = WorkPool(width: scan.width)
        do throws(Errno) { directory = try Directory.current.openDirectory(Name(place)) } catch {
            throw PathError.failed("cannot open", place, error)
        }
    }

    /// Scans the trees, and those that they lead to. Of several failures, the first in byte order is thrown, whichever
    /// worker was the first to fail.
    func run(_ names: [Path]) throws(PathError) -> [Path: ScannedTree] {
        begin(names, by: 0)
        pool.runAtOnce { [self] worker in
            ScanWorker(self, worker, sought)
        } _: { worker, job in
            worker.take(job)
        }
        if isOver { throw PathError.failed("cannot scan", place, .interrupted) }
        let trees = trees.withLock { $0 }
        for name in trees.keys.sorted() { if let failure = trees[name]?.failure { throw failure } }
        return trees
    }

    /// What is left out from now on stays left out, whatever the caller says later.
    var isOver: Bool {
        if wasCancelled.load(ordering: .relaxed) { return true }
        guard isCancelled() else { return false }
        wasCancelled.store(true, ordering: .relaxed)
        return true
    }

    /// Notes what was found, and begins with the trees that it leads to.
    func note(_ found: Set<Int>, in entry: ScanEntry, by worker: Int) {
        for finding in entry.tree.note(found, in: entry) { begin(successors(finding), by: worker) }
    }

    private func begin(_ names: [Path], by worker: Int) {
        for name in names {
            let tree = ScannedTree(name)
            let isNew = trees.withLock { trees in
                if trees[name] != nil { return false }
                trees[name] = tree
                return true
            }
            if isNew { pool.push(.walk(tree), by: worker) }
        }
    }
}
