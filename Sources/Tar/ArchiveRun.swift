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
    private let failure = Mutex<ArchiveError?>(nil)
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
            options: options, access: access, policy: AttributePolicy(), outputs: target.identities)
        walk = Mutex(ItemWalk(items, access))
        layout = Mutex(Layout(options, FileComparison(reader: reader, isCancelled: watch.isCancelled), watch.onMember))
    }

    /// nil when nothing is left to do.
    func nextBatch() throws(ArchiveError) -> Batch? {
        if hasFailed.load(ordering: .relaxed) { return nil }
        if watch.isCancelled() { throw ArchiveError(.cancelled, target) }
        return try walk.withLock { walk throws(ArchiveError) in try walk.next() }
    }

    func place(
        _ members: [ReadMember], _ skipped: [ArchiveError], _ bytes: UnsafeRawBufferPointer
    ) throws(ArchiveError) -> [PlacedPart] {
        try layout.withLock { layout throws(ArchiveError) in try layout.place(members, skipped, bytes) }
    }

    /// The first failure is the news; everybody stops.
    func stop(_ error: ArchiveError) {
        failure.withLock { if $0 == nil { $0 = error } }
        hasFailed.store(true, ordering: .relaxed)
        turnstile.close()
        sink.abandon()
    }

    func archiveFailure(_ errno: Errno) -> ArchiveError { ArchiveError(.write, errno, target) }

    /// Ends the archive: two blocks of zeros. Source: POSIX.1-2017, pax, 'ustar Interchange Format'.
    func finish() throws(ArchiveError) -> ArchiveReport {
        if let failure = failure.withLock({ $0 }) { throw failure }
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
