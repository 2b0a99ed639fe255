import Glibc
import Measuring
package import TestSupport

/// Counts what does not depend on the clock: system calls, bytes written, memory, threads and size.
///
/// - Parameters:
///   - repot: the program.
///   - isQuick: leaves out what takes minutes, which is the memory for a million files.
///   - limits: the path of counts.txt.
/// - Throws: what is wrong with the limits, and when repot fails or copies wrongly.
package func count(_ repot: ByteString, isQuick: Bool, limits: String) throws -> CountReport {
    guard let text = TextFile.read(limits) else { throw TestError("read", code: errno, path: ByteString(limits)) }
    let limits = try Limits(text)
    let program = try Program(repot)
    var counts = try ProgramCounter(program: program).counts()
    for strategy in Strategy.all {
        counts += try CallCounter(strategy: strategy, program: program).counts()
        counts += try VolumeCounter(strategy: strategy, program: program).counts()
    }
    counts += try StageCounter(program: program).counts()
    for files in isQuick ? [100_000] : [100_000, 1_000_000] {
        counts += try MemoryCounter(files: files, program: program).counts()
    }
    return CountReport(counts, limits)
}
