import Dispatch
import Synchronization

/// A fixed set of workers over a last-in-first-out list of jobs; a job may push more.
///
/// It is in the module that uses it: the compiler does not specialise it for another, and through generic
/// metadata its list took a tenth of all instructions outside the kernel.
///
/// A worker is a serial DispatchQueue, which draws a thread of its own on Linux: concurrentPerform and the
/// global queues cap blocking work near the core count. Last in, first out keeps the walk depth-first,
/// and so the list short.
final class WorkPool<Job: Sendable>: Sendable {
    private struct State: Sendable {
        var jobs: [Job] = []
        /// Jobs in the list and in hands.
        var outstanding = 0
        /// Workers with no job.
        var idle = 0
    }

    private let state = Mutex(State())
    private let ready = DispatchSemaphore(value: 0)
    private let width: Int

    /// A pool of `width` workers.
    init(width: Int) { self.width = width }

    /// Adds a job; the worker that next looks takes the one pushed last.
    func push(_ job: Job) {
        state.withLock {
            $0.jobs.append(job)
            $0.outstanding += 1
        }
        ready.signal()
    }

    /// Whether a worker waits while there is nothing in the list: whoever could share its job should.
    var isStarving: Bool { state.withLock { $0.jobs.isEmpty && $0.idle > 0 } }

    /// Runs all jobs, and those that they push, and returns when none is left. Each worker makes its own
    /// `Context` (its buffers) and keeps it.
    func run<Context: ~Copyable>(
        _ makeContext: @escaping @Sendable (Int) -> Context,
        _ body: @escaping @Sendable (inout Context, Job) -> Void
    ) {
        guard state.withLock({ $0.outstanding > 0 }) else { return }
        let group = DispatchGroup()
        for index in 0..<width {
            DispatchQueue(label: "worker \(index)").async(group: group) { [self] in
                var context = makeContext(index)
                while let job = next() {
                    body(&context, job)
                    settle()
                }
            }
        }
        group.wait()
    }

    /// Waits for a job; nil when all are done: the last one to settle wakes every worker without one.
    private func next() -> Job? {
        state.withLock { $0.idle += 1 }
        ready.wait()
        return state.withLock {
            $0.idle -= 1
            return $0.jobs.popLast()
        }
    }

    private func settle() {
        let isLast = state.withLock {
            $0.outstanding -= 1
            return $0.outstanding == 0
        }
        guard isLast else { return }
        for _ in 0..<width { ready.signal() }
    }
}
