public import Dispatch
public import Synchronization

/// A fixed set of workers, each with a list of jobs of its own; a job may push more.
///
/// A worker takes the job that it pushed last, which keeps its walk depth-first, its list short, and what it works on
/// near to what it has just worked on. One that has none takes the oldest of another's, which is the highest up and so
/// has most below it. With one list for all, hard links on ext4 take 1.06 times as long.
///
/// All of it is inlinable, so that the compiler specialises it in the modules that use it: through generic metadata
/// its list took a tenth of all instructions outside the kernel. It is public for that alone, since what is inlinable
/// and only for the package is not specialised.
///
/// A worker is a serial DispatchQueue, which draws a thread of its own on Linux: concurrentPerform and the
/// global queues cap blocking work near the core count.
public final class WorkPool<Job: Sendable>: Sendable {
    @usableFromInline final class List: Sendable {
        @usableFromInline let jobs = Mutex<[Job]>([])

        @inlinable init() {}

        @inlinable func push(_ job: Job) { jobs.withLock { $0.append(job) } }

        @inlinable func popLast() -> Job? { jobs.withLock { $0.popLast() } }

        /// Moves all others up, which happens seldom: a worker steals what keeps it busy for long.
        @inlinable func popFirst() -> Job? { jobs.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
    }

    @usableFromInline let lists: [List]
    /// Jobs in lists and in hands.
    @usableFromInline let outstanding = Atomic<Int>(0)
    /// Jobs in lists that no worker has been woken for.
    @usableFromInline let waiting = Atomic<Int>(0)
    /// Workers with no job.
    @usableFromInline let idle = Atomic<Int>(0)
    /// One signal a job, and one a worker at the end.
    @usableFromInline let ready = DispatchSemaphore(value: 0)
    @inlinable var width: Int { lists.count }

    /// A pool of `width` workers.
    @inlinable public init(width: Int) { lists = (0..<width).map { _ in List() } }

    /// Adds a job to the worker's list.
    @inlinable public func push(_ job: Job, by worker: Int) {
        outstanding.add(1, ordering: .relaxed)
        waiting.add(1, ordering: .relaxed)
        lists[worker].push(job)
        ready.signal()
    }

    /// Whether a worker waits while there is nothing in any list: whoever could share its job should.
    @inlinable public var isStarving: Bool {
        waiting.load(ordering: .relaxed) == 0 && idle.load(ordering: .relaxed) > 0
    }

    /// Runs all jobs, and those that they push, and returns when none is left. Each worker makes its own
    /// `Context` (its buffers) and keeps it.
    @inlinable public func run<Context: ~Copyable>(
        _ makeContext: @escaping @Sendable (Int) -> Context,
        _ body: @escaping @Sendable (inout Context, Job) -> Void
    ) {
        guard outstanding.load(ordering: .relaxed) > 0 else { return }
        let group = DispatchGroup()
        for index in 0..<width {
            DispatchQueue(label: "worker \(index)").async(group: group) { [self] in
                var context = makeContext(index)
                work(index, of: width, &context, body)
            }
        }
        group.wait()
    }

    /// The same on the caller's thread alone, as the first worker: for a job or two, which are done before threads
    /// have started. To start two takes 75 microseconds.
    @inlinable public func run<Context: ~Copyable>(
        with context: inout Context, _ body: (inout Context, Job) -> Void
    ) {
        guard outstanding.load(ordering: .relaxed) > 0 else { return }
        work(0, of: 1, &context, body)
    }

    @inlinable func work<Context: ~Copyable>(
        _ worker: Int, of workers: Int, _ context: inout Context, _ body: (inout Context, Job) -> Void
    ) {
        while let job = next(worker) {
            body(&context, job)
            settle(waking: workers)
        }
    }

    /// Waits for a job; nil when all are done: the last one to settle wakes every worker without one.
    @inlinable func next(_ worker: Int) -> Job? {
        idle.add(1, ordering: .relaxed)
        ready.wait()
        idle.subtract(1, ordering: .relaxed)
        // Each signal stands for a job, but another worker may take the one that was seen, while the one that is
        // left is in a list that was looked at before: then the lists are looked at again.
        while outstanding.load(ordering: .acquiring) > 0 {
            if let job = take(worker) {
                waiting.subtract(1, ordering: .relaxed)
                return job
            }
        }
        return nil
    }

    @inlinable func take(_ worker: Int) -> Job? {
        if let own = lists[worker].popLast() { return own }
        for step in 1..<max(2, width) {
            if let stolen = lists[(worker + step) % width].popFirst() { return stolen }
        }
        return nil
    }

    @inlinable func settle(waking workers: Int) {
        guard outstanding.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
        for _ in 0..<workers { ready.signal() }
    }
}
