// The C library declares `environ` as a variable, which it is; nothing here changes it.
@preconcurrency import Glibc
package import TestSupport

/// A program from start to exit, as somebody who waits for it sees it.
package struct TimedRun {
    /// By the wall clock, from before it was spawned until it was reaped.
    package let seconds: Double
    /// In user mode and in the kernel, summed over its threads.
    package let processorSeconds: Double
    /// What other programs took meanwhile.
    package let foreignSeconds: Double
    /// The most memory that was resident at once: `ru_maxrss` of getrusage(2). Exact when it exceeds what this
    /// program has itself, for until exec the two are one; never too small.
    package let peakBytes: Int
    /// What its writes made dirty on file systems that write back to a disk: `ru_oublock` of getrusage(2), in
    /// whole pages, the file system's own records included. Nothing on tmpfs, and on an overlay what its upper
    /// layer says.
    package let bytesWritten: Int
    /// 0 when it said that all went well; 128 and the number when a signal ended it.
    package let status: Int32

    private init(_ duration: Duration, _ usage: rusage, _ before: Surroundings, status: Int32) {
        seconds = duration / .seconds(1)
        processorSeconds = Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime)
        foreignSeconds = Surroundings().foreignSeconds(since: before, own: processorSeconds)
        peakBytes = usage.ru_maxrss * Self.residentUnit
        bytesWritten = usage.ru_oublock * Self.blockUnit
        self.status = status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
    }

    /// Whether others had so much of the machine that the time says little. Clock ticks are coarse.
    package var isDisturbed: Bool { foreignSeconds > 0.05 + seconds / 10 }

    /// The kernel counts resident memory in units of so many bytes,
    private static let residentUnit = 1024
    /// and what is written in sectors, whatever the blocks of the disk are.
    private static let blockUnit = 512

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1e6
    }
}

extension TimedRun {
    /// Runs the program with no input; its output is dropped, its complaints go to the file `errors`.
    package static func of(_ arguments: [ByteString], errors: ByteString) throws -> TimedRun {
        var actions = posix_spawn_file_actions_t()
        try require(posix_spawn_file_actions_init(&actions))
        defer { posix_spawn_file_actions_destroy(&actions) }
        try require(posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0))
        try require(posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0))
        let flags = O_WRONLY | O_CREAT | O_TRUNC
        try require(posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors.description, flags, 0o600))

        let words = arguments.map { strdup($0.description) }
        defer { for word in words { free(word) } }
        return try measure(words + [nil], &actions)
    }

    private static func require(_ code: Int32) throws {
        if code != 0 { throw TestError("prepare to spawn", code: code) }
    }

    /// All is ready, so that nothing but the program's own life lies between the two looks at the clock.
    private static func measure(
        _ words: [UnsafeMutablePointer<CChar>?], _ actions: inout posix_spawn_file_actions_t
    ) throws -> TimedRun {
        guard let program = words.first.flatMap(\.self) else { throw TestError("run an empty command") }
        var id: pid_t = 0
        var status: Int32 = 0
        var usage = rusage()
        let before = Surroundings()
        let start = ContinuousClock.now
        let code = posix_spawnp(&id, program, &actions, nil, words, environ)
        if code != 0 { throw TestError("spawn", code: code, path: ByteString(String(cString: program))) }
        while wait4(id, &status, 0, &usage) < 0 {
            // Without a status nothing is known, least of all that all went well.
            if errno != EINTR { throw TestError("wait4", code: errno) }
        }
        return TimedRun(start.duration(to: .now), usage, before, status: status)
    }
}
