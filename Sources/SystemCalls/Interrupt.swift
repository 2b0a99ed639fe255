import CLinux
import Glibc
import Synchronization

/// SIGINT, SIGTERM and SIGHUP. The first one asks the run to stop and interrupts system calls that wait; the second one
/// ends the process. A process in which a system call does not return ends after about 1.5 seconds.
package enum Interrupt {
    /// A registered removal. It is a class, since the first array of a struct type costs 15 µs at run time.
    private final class Removal: Sendable {
        let number: Int
        let body: @Sendable () -> Void

        init(number: Int, body: @escaping @Sendable () -> Void) {
            self.number = number
            self.body = body
        }
    }

    private static let removals = Mutex<[Removal]>([])
    private static let nextRemoval = Atomic<Int>(0)

    /// Catches the signals, each unless it is ignored. For executables: a library must leave signals to the program.
    package static func install() throws(Errno) {
        let result = clinux_interrupt_install { Interrupt.runRemovals() }
        guard result == 0 else { throw Errno(rawValue: errno) }
    }

    /// The signal that was caught, if any.
    package static var signal: Int32? {
        let signal = clinux_interrupt_signal()
        return signal == 0 ? nil : signal
    }

    /// The exit status of the process for the status of its command: 128 plus the signal's number if a signal made the
    /// command fail.
    package static func status(_ status: Int32) -> Int32 {
        guard status != 0, let signal else { return status }
        return 128 + signal
    }

    /// Whether a system call that was interrupted is to be repeated: no signal was caught, or the call removes what the
    /// run has begun, or waits for a child process that was signalled, too.
    static func repeats(_ call: SystemCall) -> Bool {
        [.unlink, .rename, .setMode, .spawn].contains(call) || clinux_interrupt_gives_up() == 0
    }

    /// Runs a removal of something that the run has begun: its system calls are repeated after an interruption.
    package static func whileRemoving<R: ~Copyable>(_ body: () throws(Errno) -> R) throws(Errno) -> R {
        clinux_interrupt_cleaning(1)
        defer { clinux_interrupt_cleaning(-1) }
        return try body()
    }

    /// Counts a step of a removal. A process that makes steps is not stuck.
    package static func countRemoval() { clinux_interrupt_progress() }

    /// Passes the signal on to a child process, until `stopForwarding`.
    package static func forward(to process: Int32) { clinux_interrupt_forward(process) }

    package static func stopForwarding() { clinux_interrupt_forward(0) }

    /// Registers a removal for the case that the thread that would do it is stuck in a system call. Returns the number
    /// for `removeRemoval`.
    package static func addRemoval(_ body: @escaping @Sendable () -> Void) -> Int {
        let number = nextRemoval.add(1, ordering: .relaxed).oldValue
        removals.withLock { $0.append(Removal(number: number, body: body)) }
        return number
    }

    package static func removeRemoval(_ number: Int) { removals.withLock { $0.removeAll { $0.number == number } } }

    private static func runRemovals() { for removal in removals.withLock({ $0 }) { removal.body() } }
}

/// A thread of this process.
package enum Thread {
    private final class Start {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// pthread_create(3), detached and with a small stack. Returns false if the thread cannot be created: no memory, or
    /// a limit on processes. libdispatch would retry for ever.
    @discardableResult
    package static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        let start = Unmanaged.passRetained(Start(body))
        let error = clinux_start_thread(
            { context in
                if let context { Unmanaged<Start>.fromOpaque(context).takeRetainedValue().body() }
                return nil
            }, start.toOpaque())
        if error != 0 { start.release() }
        return error == 0
    }

    /// An upper bound of the memory that a worker needs.
    private static let workerBytes = 4 << 20

    /// Runs a worker on the calling thread, whose waiting system calls a signal interrupts. Without the memory for
    /// another worker, does nothing: Swift ends the process when an allocation fails.
    package static func runWorker(_ body: () -> Void) {
        guard clinux_can_allocate(workerBytes) == 1 else { return }
        clinux_interrupt_enter_thread()
        body()
        clinux_interrupt_leave_thread()
    }
}
