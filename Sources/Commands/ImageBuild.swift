import Dispatch
import SystemCalls
import Tar

/// A builder at work on a context that is streamed to it.
struct ImageBuild {
    let builder: String
    let arguments: [String]

    /// The builder's own exit status; 130 when the user has interrupted both.
    func run(_ context: TarWriter) throws(ArchiveError) -> Int32 {
        catchInterruptions()
        ImageTime.setDefault()
        var failure: ArchiveError?
        let program = try start { process, pipe in failure = send(context, pipe, to: process) }
        let status = try wait(for: program)
        if Interrupt.signal != nil { return 130 }
        if let failure { throw failure }
        return status == 0 ? 0 : explained(status)
    }

    private func start(
        _ input: (_ process: Int32, consuming Descriptor) -> Void
    ) throws(ArchiveError) -> RunningProgram {
        do throws(Errno) { return try RunningProgram.start(command, input) } catch {
            throw .refused(Path(builder), advice(on: error))
        }
    }

    private func wait(for program: consuming RunningProgram) throws(ArchiveError) -> Int32 {
        let watch = forwardInterruptions(to: program.process)
        defer { watch.cancel() }
        do throws(Errno) { return try program.wait() } catch { throw .refused(Path(builder), advice(on: error)) }
    }

    /// A context that breaks off must not look whole: the builder is ended while the pipe is still open. Returns what made it
    /// break off, if anything.
    private func send(_ context: TarWriter, _ pipe: consuming Descriptor, to process: Int32) -> ArchiveError? {
        let watch = forwardInterruptions(to: process)
        defer { watch.cancel() }
        // Its reader sees no end while there is this.
        let held: Descriptor
        do throws(Errno) { held = try pipe.duplicate() } catch { return .refused(Path(builder), advice(on: error)) }
        do throws(ArchiveError) {
            _ = try context.write(to: pipe, named: "the build context")
            return nil
        } catch {
            // A builder that gives up reads no further, and says why.
            if error.errno == .brokenPipe { return nil }
            RunningProgram.send(RunningProgram.terminate, to: process)
            _ = consume held
            return error
        }
    }

    /// A signal to the terminal's group reaches the builder as well; one to repot alone is passed on, also while a write
    /// to the builder waits. Docker may not come to its end by one, but forces it by the third: so it is insisted on.
    private func forwardInterruptions(to process: Int32) -> any DispatchSourceTimer {
        let timer = DispatchSource.makeTimerSource()
        var ticks = 0
        timer.setEventHandler {
            guard let signal = Interrupt.signal else { return }
            // At once, and after a second each third time.
            if ticks == 0 || ticks >= 10 && ticks % 3 == 0 { RunningProgram.send(signal, to: process) }
            ticks += 1
        }
        timer.schedule(deadline: .now(), repeating: .milliseconds(100))
        timer.resume()
        return timer
    }

    private var command: [Path] {
        ([builder, "build"] + ImageTime.options(of: builder, arguments) + arguments + ["-"]).map { Path($0) }
    }

    private func advice(on errno: Errno) -> String {
        errno == .notFound
            ? "there is no program '\(builder)': install it, name another with --builder, or write the image's layer "
                + "with 'repot tar'"
            : "cannot run '\(builder)': \(errno.message); see that it is a program you may run, or name another with --builder"
    }

    private func explained(_ status: Int32) -> Int32 {
        Console.line(
            "repot: '\(builder) build' failed with status \(status); its own words are above. Is its daemon running, "
                + "and may you use it ('\(builder) info')?", to: .error)
        return status
    }
}
