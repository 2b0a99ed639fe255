import Synchronization

/// Jobs that are all known beforehand, in the order in which workers take them: one that is known to be large goes
/// first, so that it is not what all wait for in the end.
package struct JobList: Sendable {
    private let jobs: [Int]
    private let width: Int

    /// The jobs 0, 1, …, the largest first and, among equals, in their order.
    package init(sizes: [UInt64], workers: Int) {
        jobs = sizes.indices.sorted { (sizes[$1], $0) < (sizes[$0], $1) }
        width = max(1, min(workers, sizes.count))
    }

    /// Runs all jobs and returns the outcome of each, in the order of their numbers. Each worker makes its own `Context`
    /// and keeps it; the first one is the calling thread.
    package func run<Context: ~Copyable, Outcome: Sendable>(
        _ makeContext: @escaping @Sendable () -> Context,
        _ body: @escaping @Sendable (inout Context, Int) -> Outcome
    ) -> [Outcome] {
        let table = JobTable<Outcome>(jobs)
        if jobs.isEmpty { return [] }
        WorkerThreads.run(width: width) { _ in
            var context = makeContext()
            while let job = table.take() { table.put(body(&context, job), of: job) }
        }
        return table.outcomes
    }
}

/// What the workers of a list share.
private final class JobTable<Outcome: Sendable>: Sendable {
    private let jobs: [Int]
    private let next = Atomic<Int>(0)
    private let done: Mutex<[Outcome?]>

    init(_ jobs: [Int]) {
        self.jobs = jobs
        done = Mutex(Array(repeating: nil, count: jobs.count))
    }

    func take() -> Int? {
        let place = next.add(1, ordering: .relaxed).oldValue
        return place < jobs.count ? jobs[place] : nil
    }

    func put(_ outcome: Outcome, of job: Int) { done.withLock { $0[job] = outcome } }

    /// All of them, once no worker is left.
    var outcomes: [Outcome] { done.withLock { $0.compactMap { $0 } } }
}
