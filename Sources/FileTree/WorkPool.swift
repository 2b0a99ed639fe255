public import Dispatch
public import Synchronization
import SystemCalls

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
/// The calling thread is worker 0. The others are started as soon as there is enough work for them, and the run does
/// not depend on them: see `WorkerThreads`.
public final class WorkPool<Job: Sendable>: Sendable {
    @usableFromInline struct List: ~Copyable, Sendable {
        @usableFromInline let jobs = Mutex<[Job]>([])

        @inlinable init() {}

        @inlinable func push(_ job: Job) { jobs.withLock { $0.append(job) } }

        @inlinable func popLast() -> Job? { jobs.withLock { $0.popLast() } }

        /// Moves all others up, which happens seldom: a worker steals what keeps it busy for long.
        @inlinable func popFirst() -> Job? { jobs.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
    }

    /// The number of workers.
    @usableFromInline let width: Int
    /// The list of each worker. They are in plain memory, since the first instance of a generic class, and the first
    /// array of a type, each cost 15 µs at run time.
    @usableFromInline nonisolated(unsafe) let lists: UnsafeMutablePointer<List>
    /// Jobs in lists and in hands.
    @usableFromInline let outstanding = Atomic<Int>(0)
    /// Jobs in lists that no worker has been woken for.
    @usableFromInline let waiting = Atomic<Int>(0)
    /// Workers with no job.
    @usableFromInline let idle = Atomic<Int>(0)
    /// Starts the other workers of a run; nil when they have been started, and between runs.
    @usableFromInline let starter = Mutex<(@Sendable () -> Void)?>(nil)
    /// Whether `starter` is set.
    @usableFromInline let isAlone = Atomic<Bool>(false)
    /// Whether a run starts all workers at its beginning.
    @usableFromInline let startsAtOnce = Atomic<Bool>(false)
    /// The monotonic clock at the beginning of the run.
    @usableFromInline let beginning = Atomic<UInt64>(0)
    /// The number of jobs that were finished while there was only one worker.
    @usableFromInline let finishedAlone = Atomic<UInt64>(0)
    /// The monotonic clock when the last of them was finished, or at the beginning of the run.
    @usableFromInline let lastFinish = Atomic<UInt64>(0)
    /// One signal per job, and one per worker at the end.
    @usableFromInline let ready = DispatchSemaphore(value: 0)

    /// A pool of `width` workers.
    @inlinable public init(width: Int) {
        self.width = width
        lists = .allocate(capacity: width)
        for index in 0..<width { (lists + index).initialize(to: List()) }
    }

    deinit {
        lists.deinitialize(count: width)
        lists.deallocate()
    }

    /// Adds a job to the worker's list.
    @inlinable public func push(_ job: Job, by worker: Int) {
        outstanding.add(1, ordering: .relaxed)
        waiting.add(1, ordering: .relaxed)
        lists[worker].push(job)
        ready.signal()
        considerOthers()
    }

    /// Whether a worker waits while there is nothing in any list: a worker that can share its job should do so.
    @inlinable public var isStarving: Bool {
        if isAlone.load(ordering: .relaxed) {
            startOthers()
            return true
        }
        return waiting.load(ordering: .relaxed) == 0 && idle.load(ordering: .relaxed) > 0
    }

    /// Runs all jobs, and the jobs that they push, and returns when none is left. Each worker makes its own `Context`
    /// (its buffers) and keeps it.
    @inlinable public func run<Context: ~Copyable>(
        _ makeContext: @escaping @Sendable (Int) -> Context,
        _ body: @escaping @Sendable (inout Context, Job) -> Void
    ) {
        var context = makeContext(0)
        run(with: &context, makeContext, body)
    }

    /// Runs all jobs with an existing context for the calling thread, which is worker 0.
    @inlinable public func run<Context: ~Copyable>(
        with context: inout Context, _ makeContext: @escaping @Sendable (Int) -> Context,
        _ body: @escaping @Sendable (inout Context, Job) -> Void
    ) {
        guard outstanding.load(ordering: .relaxed) > 0 else { return }
        let threads = WorkerThreads()
        prepare { [self] in
            threads.start(1..<width) { [self] index in
                var context = makeContext(index)
                work(index, threads, &context, body)
            }
        }
        work(0, threads, &context, body)
        prepare(nil)
        threads.finish()
    }

    /// Runs all jobs, and starts all workers at once: for lists whose first job may take long.
    @inlinable public func runAtOnce<Context: ~Copyable>(
        _ makeContext: @escaping @Sendable (Int) -> Context,
        _ body: @escaping @Sendable (inout Context, Job) -> Void
    ) {
        startsAtOnce.store(true, ordering: .relaxed)
        run(makeContext, body)
    }

    @usableFromInline func prepare(_ start: (@Sendable () -> Void)?) {
        let isUseful = start != nil && width > 1
        starter.withLock { $0 = isUseful ? start : nil }
        if isUseful {
            let now = monotonicNanoseconds()
            beginning.store(now, ordering: .relaxed)
            lastFinish.store(now, ordering: .relaxed)
            finishedAlone.store(0, ordering: .relaxed)
        }
        isAlone.store(isUseful, ordering: .relaxed)
        if isUseful, startsAtOnce.load(ordering: .relaxed) { startOthers() }
    }

    /// Starts the other workers if they would be useful; to be called now and then during a long job.
    @inlinable public func considerOthers() {
        if isAlone.load(ordering: .relaxed) { startOthersIfWorthwhile() }
    }

    /// Starts the other workers if the waiting jobs would take longer than starting the workers, estimated from the
    /// finished jobs, or if one job alone takes longer: a few files are copied before the threads would have started.
    @usableFromInline func startOthersIfWorthwhile() {
        let waiting = UInt64(max(0, waiting.load(ordering: .relaxed)))
        guard waiting > 0 else { return }
        let now = monotonicNanoseconds()
        let elapsed = now - beginning.load(ordering: .relaxed)
        let timePerJob = elapsed / (finishedAlone.load(ordering: .relaxed) + 1)
        let isLong = now - lastFinish.load(ordering: .relaxed) > 400_000
        if elapsed > 200_000, isLong || timePerJob * waiting > 400_000 { startOthers() }
    }

    /// Counts a job that was finished by one worker alone.
    @usableFromInline func finishAlone() {
        finishedAlone.add(1, ordering: .relaxed)
        startOthersIfWorthwhile()
        lastFinish.store(monotonicNanoseconds(), ordering: .relaxed)
    }

    @usableFromInline func startOthers() {
        isAlone.store(false, ordering: .relaxed)
        let start = starter.withLock { start in
            defer { start = nil }
            return start
        }
        start?()
    }

    @inlinable func work<Context: ~Copyable>(
        _ worker: Int, _ threads: WorkerThreads, _ context: inout Context, _ body: (inout Context, Job) -> Void
    ) {
        while let job = next(worker) {
            body(&context, job)
            if isAlone.load(ordering: .relaxed) { finishAlone() }
            settle(threads)
        }
    }

    /// Waits for a job; nil when all are done: the last worker to settle wakes all others.
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

    @inlinable func settle(_ threads: WorkerThreads) {
        guard outstanding.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
        // One for each worker that has begun, and one for the calling thread.
        for _ in 0...threads.close() { ready.signal() }
    }
}
