import Glibc
import Measuring
import TestSupport

/// repot as a file to run, and where those that watch it write.
struct Program {
    let path: ByteString
    private let scratch: Scratch

    init(_ path: ByteString) throws {
        self.path = path
        scratch = try Scratch()
    }

    /// The system calls of a run, which must succeed.
    func calls(_ arguments: [ByteString]) throws -> SystemCallCount {
        try SystemCallCount([path] + arguments, report: scratch / "report")
    }

    /// The bytes that a run makes dirty on file systems that write back to a disk.
    func bytesWritten(_ arguments: [ByteString]) throws -> Int {
        let errors = scratch / "errors"
        let run = try TimedRun.of([path] + arguments, errors: errors)
        if run.status == 0 { return run.bytesWritten }
        throw TestError("repot: exit status \(run.status), \(TextFile.read(errors.description) ?? "")")
    }

    /// The most memory that a run has, in bytes.
    func peakMemory(_ arguments: [ByteString]) throws -> Int {
        let result = try Command([path] + arguments, timeout: .seconds(600)).run()
        if result.status == 0 { return result.peakMemory.bytes }
        throw TestError("repot: \(result.ending), \(result.errorText)")
    }

    /// The size of the executable without its symbols, in bytes.
    func strippedSize() throws -> Int {
        let stripped = scratch / "stripped"
        try Command.succeed(["strip", "-o", stripped, path])
        var facts = stat()
        guard stat(stripped.description, &facts) == 0 else { throw TestError("stat", code: errno, path: stripped) }
        return facts.st_size
    }
}
