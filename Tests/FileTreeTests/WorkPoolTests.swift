import Dispatch
import Glibc
import Synchronization
import SystemCalls
import TestSupport
import Testing

@testable import FileTree

@Suite(.serialized) struct WorkPoolTests {
    @Test func runsNothingWhereNothingWasPushed() {
        let pool = WorkPool<Int>(width: 4)
        pool.run({ _ in 0 }) { _, _ in Issue.record("there was no job") }
    }

    /// Each job below 14 pushes two more, onto the list of who has it: 2^15 - 1 in all.
    @Test(arguments: [1, 2, 8]) func runsJobsThatJobsPush(_ width: Int) {
        let pool = WorkPool<Int>(width: width)
        let done = Atomic<Int>(0)
        pool.push(0, by: 0)
        pool.run({ index in index }) { worker, depth in
            done.add(1, ordering: .relaxed)
            if depth < 14 { for _ in 0..<2 { pool.push(depth + 1, by: worker) } }
        }
        #expect(done.load(ordering: .relaxed) == 1 << 15 - 1)
    }

    /// Every one of them waits for all others: they could not end one after the other.
    @Test func workersRunAtTheSameTimeWhateverTheCores() {
        let width = 24
        let pool = WorkPool<Int>(width: width)
        let waiting = Atomic<Int>(0)
        let late = Atomic<Int>(0)
        for job in 0..<width { pool.push(job, by: 0) }
        pool.runAtOnce({ _ in 0 }) { _, _ in
            waiting.add(1, ordering: .relaxed)
            let end = monotonicNanoseconds() + 10_000_000_000
            while waiting.load(ordering: .relaxed) < width {
                if monotonicNanoseconds() > end { return late.store(1, ordering: .relaxed) }
                usleep(500)
            }
        }
        #expect(late.load(ordering: .relaxed) == 0)
    }

    @Test func theLastPushedIsTheFirstTaken() {
        let pool = WorkPool<Int>(width: 1)
        let order = Mutex<[Int]>([])
        for job in 0..<5 { pool.push(job, by: 0) }
        pool.run({ _ in 0 }) { _, job in order.withLock { $0.append(job) } }
        #expect(order.withLock { $0 } == [4, 3, 2, 1, 0])
    }

    /// Two workers that hold a job each until both have one: who has no list of its own took the oldest of the other's.
    @Test func theFirstPushedIsTheFirstStolen() {
        let pool = WorkPool<Int>(width: 2)
        let taken = Mutex<[Int]>([])
        for job in 0..<5 { pool.push(job, by: 0) }
        pool.runAtOnce({ index in index }) { worker, job in
            taken.withLock { if $0.count < 2 { $0.append(job) } }
            let end = monotonicNanoseconds() + 10_000_000_000
            while taken.withLock({ $0.count }) < 2, monotonicNanoseconds() < end { usleep(500) }
        }
        #expect(taken.withLock { $0.sorted() } == [0, 4])
    }

    @Test("each worker makes one context of its own, and the first worker is the calling thread")
    func eachWorkerHasAContextOfItsOwn() {
        let pool = WorkPool<Int>(width: 6)
        let made = Mutex<[Int]>([])
        let caller = UInt(pthread_self())
        let inOrder = Atomic<Bool>(true)
        for job in 0..<100 { pool.push(job, by: 0) }
        pool.run { index in
            made.withLock { $0.append(index) }
            return index
        } _: { index, _ in
            if (index == 0) != (UInt(pthread_self()) == caller) { inOrder.store(false, ordering: .relaxed) }
            usleep(2000)
        }
        let indices = made.withLock { $0.sorted() }
        #expect(indices.first == 0 && Set(indices).count == indices.count && indices.count <= 6)
        let firstIsCaller = inOrder.load(ordering: .relaxed)
        #expect(firstIsCaller)
    }

    @Test("a few short jobs are done by the calling thread alone")
    func fewJobsStartNoThreads() {
        let pool = WorkPool<Int>(width: 6)
        let made = Mutex<[Int]>([])
        pool.push(0, by: 0)
        pool.run({ index in made.withLock { $0.append(index) } }) { _, _ in }
        #expect(made.withLock { $0 } == [0])
    }

    @Test func runsAgain() {
        let pool = WorkPool<Int>(width: 3)
        let done = Atomic<Int>(0)
        for _ in 0..<50 {
            for job in 0..<4 { pool.push(job, by: 0) }
            pool.run({ _ in 0 }) { _, _ in done.add(1, ordering: .relaxed) }
        }
        #expect(done.load(ordering: .relaxed) == 200)
    }

    @Test("a run with an existing context leaves no signal to the next run")
    func runsLeaveNoSignals() {
        let pool = WorkPool<Int>(width: 3)
        let done = Atomic<Int>(0)
        for _ in 0..<50 {
            pool.push(3, by: 0)
            var index = 0
            pool.run(with: &index, { $0 }) { worker, depth in
                done.add(1, ordering: .relaxed)
                if depth > 0 { for _ in 0..<2 { pool.push(depth - 1, by: worker) } }
                if depth == 2 { usleep(300) }
            }
            #expect(pool.ready.wait(timeout: .now()) == .timedOut)
        }
        #expect(done.load(ordering: .relaxed) == 50 * 15)
    }

    @Test("a long job starts the other workers if another job waits")
    func longJobStartsOthers() {
        let pool = WorkPool<Int>(width: 2)
        let started = Atomic<Int>(0)
        for job in 0..<2 { pool.push(job, by: 0) }
        pool.run({ _ in 0 }) { _, _ in
            started.add(1, ordering: .relaxed)
            let end = monotonicNanoseconds() + 10_000_000_000
            while started.load(ordering: .relaxed) < 2, monotonicNanoseconds() < end {
                pool.considerOthers()
                usleep(500)
            }
        }
        let both = started.load(ordering: .relaxed)
        #expect(both == 2)
    }

    @Test("workers that begin after the others have finished do nothing")
    func lateWorkersDoNothing() {
        let threads = WorkerThreads()
        let ran = Atomic<Int>(0)
        threads.finish()
        threads.start(0..<3) { _ in ran.add(1, ordering: .relaxed) }
        usleep(50_000)
        #expect(ran.load(ordering: .relaxed) == 0)
    }

    /// Jobs and contexts are let go with the run.
    @Test func keepsNothing() throws {
        let alive = AliveCount()
        let before = try DescriptorCount.now()
        let pool = WorkPool<Load>(width: 4)
        for _ in 0..<20 { pool.push(Load(alive), by: 0) }
        pool.run({ _ in Load(alive) }) { _, _ in }
        // A queue lets go of its closure a moment after the group has heard of its end.
        for _ in 0..<1000 where alive.value.load(ordering: .relaxed) > 0 { usleep(1000) }
        #expect(alive.value.load(ordering: .relaxed) == 0)
        #expect(try DescriptorCount.now() == before)
    }
}

private final class AliveCount: Sendable {
    let value = Atomic<Int>(0)
}

private final class Load: Sendable {
    private let alive: AliveCount

    init(_ alive: AliveCount) {
        self.alive = alive
        alive.value.add(1, ordering: .relaxed)
    }

    deinit { alive.value.subtract(1, ordering: .relaxed) }
}
