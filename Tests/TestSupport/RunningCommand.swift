import Glibc

/// A program that was started; killed, with its process group, if it is let go before it ended.
public final class RunningCommand {
    /// The process, which leads a group of the same number.
    public let processID: Int32
    private let timeout: Duration
    private let streams: CapturedStreams
    private let parentPeak: Int
    private let started = ContinuousClock.now
    private var seenPeak = 0
    private var isReaped = false

    init(_ command: Command) throws(TestError) {
        timeout = command.timeout
        streams = try CapturedStreams(input: command.input)
        parentPeak = PeakMemory.ofProcess("self") ?? 0
        processID = try command.spawn(with: streams)
    }

    deinit {
        if isReaped { return }
        kill(-processID, SIGKILL)
        waitpid(processID, nil, 0)
    }

    /// Sends a signal to the program alone.
    public func send(_ signal: Int32) throws(TestError) {
        if isReaped { throw TestError("signal a program that ended", code: ESRCH) }
        try check("kill", "") { kill(processID, signal) }
    }

    /// What it has written to its standard output so far.
    public func outputSoFar() throws(TestError) -> [UInt8] {
        try CapturedStreams.contents(of: streams.output)
    }

    /// What it has written to its standard error so far.
    public func errorsSoFar() throws(TestError) -> [UInt8] {
        try CapturedStreams.contents(of: streams.errors)
    }

    /// Waits for its end, or ends it when its time has run out. Can be called once.
    public func finish() throws(TestError) -> CommandResult {
        if isReaped { throw TestError("wait for a program twice", code: ECHILD) }
        var status: Int32 = 0
        var usage = rusage()
        let isInTime = try wait(&status, &usage)
        return CommandResult(
            ending: isInTime ? .init(waitStatus: status) : .timedOut,
            output: try CapturedStreams.contents(of: streams.output),
            errors: try CapturedStreams.contents(of: streams.errors),
            peakMemory: PeakMemory(atLeast: seenPeak, atMost: usage.ru_maxrss * 1024, parent: parentPeak),
            wallTime: started.duration(to: .now),
            processorTime: Self.duration(usage.ru_utime) + Self.duration(usage.ru_stime))
    }

    /// Polls, to watch the memory meanwhile: often at first, for many a program ends at once.
    private func wait(_ status: inout Int32, _ usage: inout rusage) throws(TestError) -> Bool {
        var pause: UInt32 = 200
        while try !reap(&status, &usage, WNOHANG) {
            if started.duration(to: .now) > timeout {
                kill(-processID, SIGKILL)
                _ = try reap(&status, &usage, 0)
                return false
            }
            seenPeak = max(seenPeak, PeakMemory.ofProcess("\(processID)") ?? 0)
            usleep(pause)
            pause = min(5000, pause * 5 / 4)
        }
        return true
    }

    private func reap(
        _ status: inout Int32, _ usage: inout rusage, _ options: Int32
    ) throws(TestError) -> Bool {
        let id = try check("wait4", "") { wait4(processID, &status, options, &usage) }
        isReaped = id == processID
        return isReaped
    }

    private static func duration(_ time: timeval) -> Duration {
        .seconds(time.tv_sec) + .microseconds(time.tv_usec)
    }
}
