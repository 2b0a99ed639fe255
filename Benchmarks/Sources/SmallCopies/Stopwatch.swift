// The C library declares `environ` as a variable; nothing here changes it.
@preconcurrency import Glibc
package import TestSupport

/// A command that can be run again and again at little cost besides its own.
package struct Stopwatch: ~Copyable {
    private var actions = posix_spawn_file_actions_t()

    /// - Throws: an error if the descriptors of the commands cannot be prepared.
    package init() throws {
        try Self.require(posix_spawn_file_actions_init(&actions))
        for descriptor in STDIN_FILENO...STDERR_FILENO {
            let mode = descriptor == STDIN_FILENO ? O_RDONLY : O_WRONLY
            try Self.require(posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", mode, 0))
        }
    }

    deinit {
        var actions = actions
        posix_spawn_file_actions_destroy(&actions)
    }

    /// Returns the time of a command in seconds, from before it is spawned until it is reaped.
    ///
    /// - Throws: an error if the command does not start, or does not succeed.
    package mutating func time(_ words: [ByteString]) throws -> Double {
        let copies = words.map { strdup($0.description) }
        defer { for copy in copies { free(copy) } }
        guard let program = words.first else { throw TestError("empty command") }
        var (id, status): (pid_t, Int32) = (0, 0)
        let start = ContinuousClock.now
        let code = posix_spawn(&id, program.description, &actions, nil, copies + [nil], environ)
        if code != 0 { throw TestError("spawn", code: code, path: program) }
        while waitpid(id, &status, 0) < 0 {
            if errno != EINTR { throw TestError("waitpid", code: errno) }
        }
        let duration = start.duration(to: .now)
        if status != 0 { throw TestError("failed with wait status \(status): \(words.map(\.description))") }
        return duration / .seconds(1)
    }

    private static func require(_ code: Int32) throws {
        if code != 0 { throw TestError("prepare to spawn", code: code) }
    }
}
