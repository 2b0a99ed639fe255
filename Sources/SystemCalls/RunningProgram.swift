import CLinux
import Glibc

/// A program that reads what we write to it, and tells the user the rest itself.
package struct RunningProgram: ~Copyable {
    package let process: Int32

    /// posix_spawnp(3) with a pipe as its standard input, whose other end is handed to `input`, and with the caller's
    /// standard output, or its standard error as that too, standard error and environment. ENOENT when there is no such
    /// program.
    package static func start(
        _ arguments: [Path], outputAsError: Bool = false, _ input: (_ process: Int32, consuming Descriptor) -> Void
    ) throws(Errno) -> RunningProgram {
        var ends: [Int32] = [-1, -1]
        try invoke(.spawn) { clinux_pipe(&ends) }
        let reader = Descriptor(raw: ends[0])
        let writer = Descriptor(raw: ends[1])
        let process = try Subprocess.spawn(arguments, reader, as: 0, outputAsError ? .outputToError : .none)
        // Ours would keep the pipe open when the program has gone.
        try reader.close()
        input(process, writer)
        return RunningProgram(process: process)
    }

    /// kill(2): passes a signal on. A program that has ended already needs none.
    package static func send(_ signal: Int32, to process: Int32) { kill(process, signal) }

    /// What asks a program to end. Source: signal(7).
    package static let terminate = SIGTERM

    /// The exit status; 128 and the signal's number for a program that a signal ended, as in a shell.
    package consuming func wait() throws(Errno) -> Int32 { try Subprocess.wait(process) }
}
