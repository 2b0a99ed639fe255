#if FAULT_INJECTION
    import Synchronization

    /// Fault injection for tests (debug builds only): process-wide, because the engine's calls happen
    /// on its workers' threads and a thread-local plan would miss them.
    package enum Faults {
        /// What to do at a call: its number in the run, from 1, and its name come in.
        package typealias Plan = @Sendable (_ number: Int, _ call: SystemCall) -> Errno?

        private static let plan = Mutex<Plan?>(nil)
        private static let armed = Atomic<Bool>(false)
        private static let count = Atomic<Int>(0)

        /// Runs `body` with the plan in force and returns how many system calls it saw.
        package static func during<R>(_ newPlan: @escaping Plan, _ body: () throws -> R) rethrows -> (R, calls: Int) {
            plan.withLock { $0 = newPlan }
            count.store(0, ordering: .sequentiallyConsistent)
            armed.store(true, ordering: .sequentiallyConsistent)
            defer {
                armed.store(false, ordering: .sequentiallyConsistent)
                plan.withLock { $0 = nil }
            }
            let result = try body()
            return (result, count.load(ordering: .sequentiallyConsistent))
        }

        static func next(_ call: SystemCall) -> Errno? {
            guard armed.load(ordering: .relaxed) else { return nil }
            let number = count.add(1, ordering: .sequentiallyConsistent).newValue
            return plan.withLock { $0 }?(number, call)
        }
    }
#endif
