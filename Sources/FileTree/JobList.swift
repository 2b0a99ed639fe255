import Dispatch
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

    /// Runs all and returns what came of each, in the order of their numbers. Each worker, a serial DispatchQueue with
    /// a thread of its own, makes its own `Context` and keeps it.
    package func run<Context: ~Copyable, Outcome: Sendable>(
        _ makeContext: @escaping @Sendable () -> Context,
        _ body: @escaping @Sendable (inout Context, Int) -> Outcome
    ) -> [Outcome] {
        let table = JobTable<Outcome>(jobs)
        let group = DispatchGroup()
        for index in 0..<width where !jobs.isEmpty {
            DispatchQueue(label: "job worker \(index)").async(group: group) {
                var context = makeContext()
                while let job = table.take() { table.put(body(&context, job), of: job) }
            }
        }
        group.wait()
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
