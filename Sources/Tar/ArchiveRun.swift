import FileTree
import Synchronization
import SystemCalls

/// What all workers of an archive share.
final class ArchiveRun: Sendable {
    let options: ArchiveOptions
    let sink: any ArchiveSink
    let reader: MemberReader
    let turnstile = Turnstile()
    let watch: ArchiveWatch
    private let walk: Mutex<ItemWalk>
    /// What is decided in the order of the archive, by whoever has the turn.
    private let layout: Mutex<Layout>
    private let failure = Mutex<BatchFailure?>(nil)
    private let target: Path
    private let hasFailed = Atomic<Bool>(false)

    init(
        _ items: [ArchiveItem], _ options: ArchiveOptions, into sink: any ArchiveSink, _ target: ArchiveTarget,
        _ watch: ArchiveWatch
    ) {
        let access = AccessTimes()
        self.options = options
        self.sink = sink
        self.target = target.path
        self.watch = watch
        reader = MemberReader(
            options: options, access: access, policy: AttributePolicy(), outputs: target.identities,
            isCancelled: watch.isCancelled)
        walk = Mutex(ItemWalk(items, access))
        layout = Mutex(Layout(options, FileComparison(reader: reader, isCancelled: watch.isCancelled), watch.onMember))
    }

    /// nil when nothing is left to do.
    func nextBatch() -> Batch? {
        walk.withLock { walk in
            if isGivenUp { return nil }
            do throws(ArchiveError) {
                if watch.isCancelled() { throw ArchiveError(.cancelled, target) }
                return try walk.next()
            } catch {
                // Before anybody else goes on walking.
                stop(error, in: walk.batches)
                return nil
            }
        }
    }

    func place(
        _ members: [ReadMember], _ warnings: [ArchiveError], _ bytes: UnsafeRawBufferPointer
    ) throws(ArchiveError) -> [PlacedPart] {
        try layout.withLock { layout throws(ArchiveError) in try layout.place(members, warnings, bytes) }
    }

    /// Nothing more is begun or written: only what comes before the failure is still looked at.
    var isGivenUp: Bool { hasFailed.load(ordering: .relaxed) }

    /// The failure that comes first in the archive is the news, whichever worker was faster: the batches before it are
    /// looked at and placed as if nothing had happened.
    func stop(_ error: ArchiveError, in batch: Int) {
        let new = BatchFailure(error, in: batch)
        let news = failure.withLock { failure in
            let news = failure.map { $0.yields(to: new) ? new : $0 } ?? new
            failure = news
            return news
        }
        hasFailed.store(true, ordering: .relaxed)
        turnstile.close(from: news.batch)
        sink.abandon()
    }

    func archiveFailure(_ errno: Errno) -> ArchiveError { ArchiveError(.write, errno, target) }

    /// Ends the archive: two blocks of zeros. Source: POSIX.1-2017, pax, 'ustar Interchange Format'.
    func finish() throws(ArchiveError) -> ArchiveReport {
        if let failure = failure.withLock({ $0 }) { throw failure.error }
        var report = layout.withLock { $0.report }
        let end = [UInt8](repeating: 0, count: 2 * UstarHeader.size)
        do throws(Errno) {
            try sink.write(end, at: report.archiveBytes)
            report.archiveBytes += Int64(end.count)
            (report.sharedBytes, report.sharingRefusal) = (sink.sharing.bytes, sink.sharing.refusal)
            try sink.finish(report.archiveBytes)
        } catch { throw archiveFailure(error) }
        return report
    }
}

/// What has ended an archive, and where.
private struct BatchFailure {
    let error: ArchiveError
    let batch: Int

    /// Whoever cancels wants no other news.
    init(_ error: ArchiveError, in batch: Int) {
        self.error = error
        self.batch = error.reason == .cancelled ? 0 : batch
    }

    /// A broken pipe after a failure is that of the sink, which was given up.
    func yields(to other: BatchFailure) -> Bool { other.batch < batch && other.error.errno != .brokenPipe }
}
