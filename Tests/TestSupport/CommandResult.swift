/// How a program ended, what it said and what it used.
public struct CommandResult: Sendable {
    /// The three ways to end.
    public enum Ending: Hashable, Sendable, CustomStringConvertible {
        case exited(Int32)
        case signalled(Int32)
        /// It was killed, with its whole process group.
        case timedOut

        /// For the message of a failed test.
        public var description: String {
            switch self {
            case .exited(let status): "exit status \(status)"
            case .signalled(let signal): "signal \(signal)"
            case .timedOut: "time ran out"
            }
        }

        /// Takes apart what `wait` returns; the macros for that do not reach Swift.
        init(waitStatus status: Int32) {
            let signal = status & 0x7f
            self = signal == 0 ? .exited(status >> 8 & 0xff) : .signalled(signal)
        }
    }

    /// How it ended.
    public let ending: Ending
    /// All it wrote to its standard output.
    public let output: [UInt8]
    /// All it wrote to its standard error.
    public let errors: [UInt8]
    /// The most memory it had.
    public let peakMemory: PeakMemory
    /// How long it took, from before it was spawned until it was reaped.
    public let wallTime: Duration
    /// Processor time in user mode and in the kernel.
    public let processorTime: Duration

    /// As a shell would put it: the exit status, or 128 and the signal.
    public var status: Int32 {
        switch ending {
        case .exited(let status): status
        case .signalled(let signal): 128 + signal
        case .timedOut: 124
        }
    }

    /// The output as text, repaired where it is not UTF-8.
    public var outputText: String { String(decoding: output, as: UTF8.self) }
    /// The standard error as text, repaired where it is not UTF-8.
    public var errorText: String { String(decoding: errors, as: UTF8.self) }
}
