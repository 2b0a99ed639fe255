import ArgumentParser
import NixClosure
import Rootfs
import SystemCalls
import Verification

/// Reads all of a closure but what is left out of it, and ends the command where it is not complete; each finding is told.
func requireComplete(
    _ found: FoundClosure, without pruning: Pruning, in store: Store, movedTo moved: Store?, _ output: OutputOptions,
    workers: Int?
) throws(ExitCode) {
    let infos = found.infos ?? found.closure.storePaths.map { PathInfo($0, references: []) }
    catchInterruptions()
    var check = ClosureCheck(infos, in: store, told: found.infos?.count, workers: workers) { Interrupt.signal != nil }
    check.moved = moved
    check.excluded = Dictionary(uniqueKeysWithValues: pruning.paths.map { ($0.path, $0.excluded) })
    let bar = output.display.bar(infos.map { store.physicalPath(of: $0.path, orIn: moved) }) { [check] in
        let (entries, bytes) = check.progress
        return ProgressBar.Progress(entries: entries, bytes: bytes)
    }
    let findings = check.findings()
    bar?.end()
    if Interrupt.signal != nil { throw ExitCode(130) }
    for finding in findings { Console.line("repot: \(finding.text(in: store, listing: 5))", to: .error) }
    if !findings.isEmpty { throw ExitCode(1) }
}
