import ArgumentParser
import Image
import NixClosure
import Rootfs
import SystemCalls
import Tar
import Verification

/// Runs a command's work. Why it could not be done is said here, and the exit status is thrown.
func explained(_ work: () throws -> Void) throws {
    do {
        try work()
    } catch let error as ClosureError {
        throw said(error.description)
    } catch let error as ValidationError {
        // Found out at work: the usage of all commands would say nothing of it.
        Console.line("repot: \(error.message)", to: .error)
        throw ExitCode(64)
    } catch let error as RootfsConflicts {
        for error in error.errors { Console.line("repot: \(error)", to: .error) }
        throw ExitCode(1)
    } catch let error as PathError {
        throw error.isCancelled ? ExitCode(130) : said(error.description)
    } catch let error as ArchiveError {
        throw end(error)
    }
}

/// The first signal asks the run to stop, so that it can take back what is half-made.
func catchInterruptions(_ program: String = "repot") {
    do throws(Errno) { try Interrupt.install() } catch {
        Console.line("\(program): cannot catch interruptions: \(error.message)", to: .error)
    }
}

private func said(_ message: String) -> ExitCode {
    Console.line("repot: \(message)", to: .error)
    return ExitCode(1)
}

private func end(_ error: ArchiveError) -> ExitCode {
    if error.reason == .cancelled { return ExitCode(130) }
    // Whoever read the archive has had enough of it.
    return error.errno == .brokenPipe ? ExitCode(1) : said(error.description)
}
