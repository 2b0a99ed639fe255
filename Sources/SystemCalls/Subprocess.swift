import CLinux
import Glibc

/// A program that is run to its end for what it prints.
package enum Subprocess {
    package struct Result: Sendable {
        /// The exit status; 128 and the signal's number for a program that a signal ended, as in a shell.
        package let status: Int32
        package let output: [UInt8]
    }

    /// A redirection of a program's standard output or standard error.
    package enum Redirection: Sendable {
        case none
        case outputToError
        case errorToNull
    }

    /// Runs a program with posix_spawnp(3), and returns its status and its output when it has ended. The program has
    /// the caller's standard input and environment and, unless it is redirected, the caller's standard error, so that
    /// its messages reach the user. Throws ENOENT if there is no such program.
    package static func run(_ arguments: [Path], _ redirection: Redirection = .none) throws(Errno) -> Result {
        var ends: [Int32] = [-1, -1]
        try invoke(.spawn) { clinux_pipe(&ends) }
        let reader = Descriptor(raw: ends[0])
        let writer = Descriptor(raw: ends[1])
        // The program gets a copy of the writing end as its standard output and nothing else.
        let process = try spawn(arguments, writer, as: 1, redirection)
        let output = drain(reader, closing: writer)
        // Whatever became of the output, the program is waited for.
        return Result(status: try wait(process), output: try output.get())
    }

    /// All that the program writes. Our own end for writing is closed first, or the output would never end.
    private static func drain(
        _ reader: consuming Descriptor, closing writer: consuming Descriptor
    ) -> Swift.Result<[UInt8], Errno> {
        do throws(Errno) {
            try writer.close()
            return .success(try reader.readToEnd())
        } catch { return .failure(error) }
    }

    /// With a file of ours as its standard input or output.
    static func spawn(
        _ arguments: [Path], _ file: borrowing Descriptor, as number: Int32, _ redirection: Redirection
    ) throws(Errno) -> pid_t {
        guard let program = arguments.first else { throw .invalid }
        var actions = posix_spawn_file_actions_t()
        try checked(posix_spawn_file_actions_init(&actions))
        defer { posix_spawn_file_actions_destroy(&actions) }
        try checked(posix_spawn_file_actions_adddup2(&actions, file.raw, number))
        switch redirection {
        case .none: break
        case .outputToError: try checked(posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO))
        case .errorToNull:
            try checked(posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0))
        }
        var attributes = posix_spawnattr_t()
        try checked(posix_spawnattr_init(&attributes))
        defer { posix_spawnattr_destroy(&attributes) }
        try restoreSignals(&attributes)
        var vector = arguments.map { strdup(Name($0).cString) }
        defer { for argument in vector { free(argument) } }
        guard vector.allSatisfy({ $0 != nil }) else { throw Errno(rawValue: ENOMEM) }
        vector.append(nil)
        var process: pid_t = 0
        try invoke(.spawn) { () -> Int32 in
            errno = posix_spawnp(&process, Name(program).cString, &actions, &attributes, vector, environ)
            return errno == 0 ? 0 : -1
        }
        return process
    }

    /// Undoes what this process does to its own signals: execve(2) keeps ignored and blocked ones.
    private static func restoreSignals(_ attributes: inout posix_spawnattr_t) throws(Errno) {
        var signals = sigset_t()
        sigemptyset(&signals)
        try checked(posix_spawnattr_setsigmask(&attributes, &signals))
        sigaddset(&signals, SIGPIPE)
        sigaddset(&signals, SIGXFSZ)
        try checked(posix_spawnattr_setsigdefault(&attributes, &signals))
        try checked(posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK)))
    }

    /// These functions return the error number instead of setting errno.
    private static func checked(_ number: Int32) throws(Errno) {
        guard number == 0 else { throw Errno(rawValue: number) }
    }

    static func wait(_ process: pid_t) throws(Errno) -> Int32 {
        var status: Int32 = 0
        try invoke(.spawn) { waitpid(process, &status, 0) }
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }
}

extension ProcessState {
    /// getcwd(3).
    package static func workingDirectory() throws(Errno) -> Path {
        guard let text = getcwd(nil, 0) else { throw Errno(rawValue: errno) }
        defer { free(text) }
        return Path(UnsafeBufferPointer(start: text, count: strlen(text)).map { UInt8(bitPattern: $0) })
    }
}
