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
        var failure: ArchiveError?
        let program: RunningProgram
        do throws(Errno) {
            program = try RunningProgram.start(command) { pipe in
                do throws(ArchiveError) { _ = try context.write(to: pipe, named: "the build context") } catch {
                    failure = error
                }
            }
        } catch { throw .refused(Path(builder), advice(on: error)) }
        // A signal to the terminal's group reaches the builder as well; one to repot alone does not.
        if let signal = Interrupt.signal { program.send(signal) }
        let status: Int32
        do throws(Errno) { status = try program.wait() } catch { throw .refused(Path(builder), error.message) }
        if Interrupt.signal != nil { return 130 }
        // A builder that gives up reads no further, and has said why.
        if status != 0 { return explained(status) }
        if let failure { throw failure }
        return 0
    }

    private var command: [Path] { ([builder, "build"] + arguments + ["-"]).map { Path($0) } }

    private func catchInterruptions() {
        do throws(Errno) { try Interrupt.install() } catch {
            Console.line("repot: cannot catch interruptions: \(error.message)", to: .error)
        }
    }

    private func advice(on errno: Errno) -> String {
        errno == .notFound
            ? "there is no program '\(builder)': install it, name another with --builder, or write the image's layer "
                + "with 'repot tar'"
            : "cannot run '\(builder)': \(errno.message)"
    }

    private func explained(_ status: Int32) -> Int32 {
        Console.line(
            "repot: '\(builder) build' failed with status \(status); its own words are above. Is its daemon running, "
                + "and may you use it ('\(builder) info')?", to: .error)
        return status
    }
}
