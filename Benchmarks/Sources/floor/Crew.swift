import Glibc

/// Threads that take folders off one last-in-first-out list until there are none.
final class Crew: @unchecked Sendable {
    struct Job {
        let folder: Folder
        let isOpen: Bool
    }

    private let threads: Int
    private var jobs: [Job] = []
    /// Jobs in the list and in hands.
    private var outstanding = 0
    private var lock = pthread_mutex_t()
    private var ready = pthread_cond_t()

    init(threads: Int) {
        self.threads = threads
        pthread_mutex_init(&lock, nil)
        pthread_cond_init(&ready, nil)
    }

    func push(_ job: Job) {
        pthread_mutex_lock(&lock)
        jobs.append(job)
        outstanding += 1
        pthread_mutex_unlock(&lock)
        pthread_cond_signal(&ready)
    }

    /// Waits for a job; nil when all are done.
    func next() -> Job? {
        pthread_mutex_lock(&lock)
        defer { pthread_mutex_unlock(&lock) }
        while jobs.isEmpty, outstanding > 0 { pthread_cond_wait(&ready, &lock) }
        return jobs.popLast()
    }

    func settle() {
        pthread_mutex_lock(&lock)
        outstanding -= 1
        let isOver = outstanding == 0
        pthread_mutex_unlock(&lock)
        if isOver { pthread_cond_broadcast(&ready) }
    }

    /// The calling thread is one of them.
    func run(_ body: @escaping @Sendable () -> Void) {
        var others: [pthread_t] = []
        for _ in 1..<threads {
            let box = Unmanaged.passRetained(Body(body))
            var thread = pthread_t()
            let status = pthread_create(
                &thread, nil,
                { pointer in
                    if let pointer { Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue().run() }
                    return nil
                }, box.toOpaque())
            if status == 0 { others.append(thread) }
        }
        body()
        for thread in others { pthread_join(thread, nil) }
    }

    private final class Body {
        let run: () -> Void
        init(_ run: @escaping () -> Void) { self.run = run }
    }
}
