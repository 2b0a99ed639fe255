import Dispatch
import Synchronization
import SystemCalls

/// Workers beside the calling thread, each a serial DispatchQueue, which has a thread of its own on Linux:
/// concurrentPerform and the global queues limit blocking work to about the number of cores.
///
/// No caller depends on them. libdispatch repeats the creation of a thread without a limit, so a thread made with
/// pthread_create(3), which may fail, hands the workers to their queues. A worker that begins after `close` does
/// nothing, and only workers that have begun are waited for.
public final class WorkerThreads: Sendable {
    private struct State {
        /// The work of each worker until `close`, so that a worker that begins later keeps no descriptor open.
        var body: (@Sendable (Int) -> Void)?
        var isClosed = false
        /// Workers that have begun and not ended.
        var running = 0
    }

    private let state = Mutex(State())
    private let ended = DispatchSemaphore(value: 0)

    /// No workers yet.
    public init() {}

    /// Starts workers, which may begin later, or never, and returns at once. Call once.
    public func start(_ numbers: Range<Int>, _ body: @escaping @Sendable (Int) -> Void) {
        if numbers.isEmpty { return }
        state.withLock { state in if !state.isClosed { state.body = body } }
        Thread.start { [self] in
            for number in numbers {
                DispatchQueue(label: "worker \(number)").async { [self] in if work(as: number) { end() } }
            }
        }
    }

    /// Returns the number of workers that have begun and not ended; no other will begin.
    @discardableResult
    public func close() -> Int {
        let (body, running) = state.withLock { state in
            defer { (state.isClosed, state.body) = (true, nil) }
            return (state.body, state.running)
        }
        // Released outside the lock: it may hold what these threads belong to.
        withExtendedLifetime(body) {}
        return running
    }

    /// Closes and waits until no worker is running. Call once.
    public func finish() { if close() > 0 { ended.wait() } }

    /// Runs the body, unless the threads are closed. The body is released on return.
    private func work(as number: Int) -> Bool {
        let begun = state.withLock { state in
            if state.body != nil { state.running += 1 }
            return state.body
        }
        guard let begun else { return false }
        Thread.runWorker { begun(number) }
        return true
    }

    private func end() {
        let isLast = state.withLock { state in
            state.running -= 1
            return state.isClosed && state.running == 0
        }
        if isLast { ended.signal() }
    }

    /// Runs worker 0 on the calling thread and up to `width - 1` others beside it. Returns when worker 0 and all others
    /// that have begun have returned, so worker 0 must be able to do all the work.
    package static func run(width: Int, _ body: @escaping @Sendable (Int) -> Void) {
        let others = WorkerThreads()
        others.start(1..<max(1, width), body)
        body(0)
        others.finish()
    }
}
