import CLinux
import Glibc

/// A program that is run to its end for what it prints.
package enum Subprocess {
    package struct Result: Sendable {
        /// The exit status; 128 and the signal's number for a program that a signal ended, as in a shell.
        package let status: Int32
        package let output: [UInt8]
    }

    /// The treatment of the messages that a program writes to its standard error.
    package enum Messages: Sendable {
        /// They are printed on standard error, with escapes.
        case printed
        case discarded
    }

    /// A redirection of a program's standard output or standard error.
    enum Redirection {
        case none
        case outputToError
        case errorToNull
        case errorToFile(Int32)
    }

    /// A pipe; the program gets copies of its ends and nothing else.
    private struct Pipe: ~Copyable {
        let reader: Descriptor
        let writer: Descriptor

        init() throws(Errno) {
            var ends: [Int32] = [-1, -1]
            try invoke(.spawn) { clinux_pipe(&ends) }
            reader = Descriptor(raw: ends[0])
            writer = Descriptor(raw: ends[1])
        }

        /// Closes the end for writing, without which reading never ends.
        consuming func closeWriter() throws(Errno) -> Descriptor {
            try writer.close()
            return reader
        }
    }

    /// Runs a program with posix_spawnp(3), and returns its status and its output when it has ended. The program has
    /// the caller's standard input and environment. Throws ENOENT if there is no such program, and EFBIG for more
    /// than 256 MiB of output.
    package static func run(_ arguments: [Path], _ messages: Messages = .printed) throws(Errno) -> Result {
        let output = try Pipe()
        let errors = try Pipe()
        let redirection: Redirection = messages == .printed ? .errorToFile(errors.writer.raw) : .errorToNull
        let process = try spawn(arguments, output.writer, as: 1, redirection)
        var status: Int32?
        let bytes = drain(output, errors) { () throws(Errno) in
            status = try waitNow(process)
            return status != nil
        }
        // Whatever became of the output, the program is waited for.
        if status == nil { status = try wait(process) }
        return Result(status: status ?? 0, output: try bytes.get())
    }

    private static func drain(
        _ output: consuming Pipe, _ errors: consuming Pipe, _ hasEnded: () throws(Errno) -> Bool
    ) -> Swift.Result<[UInt8], Errno> {
        do throws(Errno) {
            var output = ProgramOutput(try output.closeWriter(), messages: try errors.closeWriter())
            return .success(try output.read(hasEnded))
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
        case .errorToFile(let file): try checked(posix_spawn_file_actions_adddup2(&actions, file, STDERR_FILENO))
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
        return Self.status(status)
    }

    /// The exit status; nil while the program runs.
    private static func waitNow(_ process: pid_t) throws(Errno) -> Int32? {
        var status: Int32 = 0
        let ended = try invoke(.spawn) { Int(waitpid(process, &status, WNOHANG)) }
        return ended == 0 ? nil : Self.status(status)
    }

    private static func status(_ status: Int32) -> Int32 {
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
