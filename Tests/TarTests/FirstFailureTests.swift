import Dispatch
import Synchronization
import SystemCalls
import Testing

@testable import Tar

/// Of several failures the one is told that comes first in the archive, whichever worker was faster.
@Suite struct FirstFailureTests {
    private func run() throws -> ArchiveRun {
        let sink = FileSink(try Directory.current.openStream(Name(Path("/dev/null"))), from: 0)
        let watch = ArchiveWatch(progress: ArchiveProgress(), isCancelled: { false }, onMember: nil)
        return ArchiveRun([], ArchiveOptions(), into: sink, ArchiveTarget(path: "archive"), watch)
    }

    private func told(_ failures: [(ArchiveError, Int)]) throws -> ArchiveError? {
        let run = try run()
        for (error, batch) in failures { run.stop(error, in: batch) }
        return #expect(throws: ArchiveError.self) { try run.finish() }
    }

    private let early = ArchiveError(.open, .accessDenied, "early")
    private let late = ArchiveError(.open, .accessDenied, "late")
    private let broken = ArchiveError(.write, .brokenPipe, "archive")
    private let cancelled = ArchiveError(.cancelled, "archive")

    @Test func theFirstBatchIsTheNews() throws {
        #expect(try told([(late, 1), (early, 0)]) == early)
        #expect(try told([(early, 0), (late, 1)]) == early)
    }

    /// The sink is given up with the first failure, and says so to whoever still writes.
    @Test func aSinkThatIsGivenUpIsNoNews() throws {
        #expect(try told([(late, 1), (broken, 0)]) == late)
        #expect(try told([(broken, 1), (late, 2)]) == broken)
    }

    @Test func whoeverCancelsWantsNoOtherNews() throws {
        #expect(try told([(cancelled, 5), (early, 1)]) == cancelled)
        #expect(try told([(late, 1), (cancelled, 5)]) == cancelled)
    }

    /// Those before a failure still get through, in their order; it and those behind it do not.
    @Test func theTurnstileClosesBehind() {
        let turnstile = Turnstile()
        let through = Mutex<[Int]>([])
        let group = DispatchGroup()
        for number in 1..<6 {
            DispatchQueue(label: "\(number)").async(group: group) {
                guard turnstile.enter(number) else { return }
                through.withLock { $0.append(number) }
                turnstile.leave()
            }
        }
        turnstile.close(from: 3)
        #expect(turnstile.enter(0))
        turnstile.leave()
        group.wait()
        #expect(through.withLock { $0 } == [1, 2])
    }
}
