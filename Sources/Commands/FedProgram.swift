import SystemCalls
import Tar

/// A program at work on an archive that is streamed to it.
struct FedProgram {
    let command: [String]
    /// What to do where there is no such program, and where it cannot be run.
    let remedies: (missing: String, refused: String)
    /// What it prints goes to standard error: standard output has something else.
    var isOutputAside = false

    private var program: String { command.first ?? "" }

    /// Its exit status; nil when the user has interrupted both.
    func run(_ archive: TarWriter, named name: Path) throws(ArchiveError) -> Int32? {
        catchInterruptions()
        var failure: ArchiveError?
        let running = try start { process, pipe in failure = send(archive, pipe, named: name, to: process) }
        let status = try wait(for: running)
        if Interrupt.signal != nil { return nil }
        if let failure { throw failure }
        return status
    }

    private func start(
        _ input: (_ process: Int32, consuming Descriptor) -> Void
    ) throws(ArchiveError) -> RunningProgram {
        do throws(Errno) {
            return try RunningProgram.start(command.map { Path($0) }, outputAsError: isOutputAside, input)
        } catch { throw .refused(Path(program), advice(on: error)) }
    }

    private func wait(for running: consuming RunningProgram) throws(ArchiveError) -> Int32 {
        Interrupt.forward(to: running.process)
        defer { Interrupt.stopForwarding() }
        do throws(Errno) { return try running.wait() } catch { throw .refused(Path(program), advice(on: error)) }
    }

    /// An archive that breaks off must not look whole: the program is ended while the pipe is still open. Returns what
    /// made it break off, if anything.
    private func send(
        _ archive: TarWriter, _ pipe: consuming Descriptor, named name: Path, to process: Int32
    ) -> ArchiveError? {
        // A signal to the terminal's group reaches the program as well; one to repot alone does not.
        Interrupt.forward(to: process)
        defer { Interrupt.stopForwarding() }
        // Its reader sees no end while there is this.
        let held: Descriptor
        do throws(Errno) { held = try pipe.duplicate() } catch { return .refused(Path(program), advice(on: error)) }
        do throws(ArchiveError) {
            _ = try archive.write(to: pipe, named: name)
            return nil
        } catch {
            // A program that gives up reads no further, and says why.
            if error.errno == .brokenPipe { return nil }
            RunningProgram.send(RunningProgram.terminate, to: process)
            _ = consume held
            return error
        }
    }

    private func advice(on errno: Errno) -> String {
        errno == .notFound
            ? "there is no program '\(program)': \(remedies.missing)"
            : "cannot run '\(program)': \(errno.message); \(remedies.refused)"
    }
}
