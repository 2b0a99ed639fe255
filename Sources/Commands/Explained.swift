import ArgumentParser
import Image
import NixClosure
import Rootfs
import SystemCalls
import Tar
import Verification

/// The smallest limit of open descriptors with which a closure can be staged, archived and built into an image.
private let fewestDescriptors = 12

/// Runs a command's work. Why it could not be done is said here, and the exit status is thrown.
func explained(_ work: () throws -> Void) throws {
    let limit = ProcessState.descriptorLimit
    if limit < fewestDescriptors {
        throw said(
            "at most \(limit) files may be open at a time, and \(fewestDescriptors) are needed; "
                + "raise the limit with 'ulimit -n'")
    }
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
        throw error.isCancelled || isInterruption(error.errno) ? ExitCode(130) : said(error.description)
    } catch let error as ArchiveError {
        throw end(error)
    }
}

/// Catches the first SIGINT, SIGTERM or SIGHUP, so that the run can remove what it has begun.
func catchInterruptions(_ program: String = "repot") {
    do throws(Errno) { try Interrupt.install() } catch {
        Console.line("\(program): cannot catch interruptions: \(error.message)", to: .error)
    }
}

/// Whether a system call was given up after a signal, which is not a failure of its own.
private func isInterruption(_ errno: Errno?) -> Bool { errno == .interrupted && Interrupt.signal != nil }

private func said(_ message: String) -> ExitCode {
    Console.line("repot: \(message)", to: .error)
    return ExitCode(1)
}

private func end(_ error: ArchiveError) -> ExitCode {
    if error.reason == .cancelled || isInterruption(error.errno) { return ExitCode(130) }
    // Whoever read the archive has had enough of it.
    return error.errno == .brokenPipe ? ExitCode(1) : said(error.description)
}
