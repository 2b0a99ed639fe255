import ArgumentParser
import NixClosure
import Pruning
import Rootfs
import SystemCalls
import Verification

/// Reads a closure that is to be written, without the entries that are pruned, and prints each finding.
///
/// - Throws: `ExitCode` if the closure is not complete.
func requireComplete(
    _ closure: Closure, readAs found: FoundClosure, without pruning: Pruning, in store: Store, movedTo moved: Store?,
    _ output: OutputOptions,
    workers: Int?
) throws(ExitCode) {
    let known = Dictionary(found.infos.map { ($0.path, $0) }) { first, _ in first }
    let infos = closure.storePaths.map { known[$0] ?? PathInfo($0, references: []) }
    catchInterruptions()
    var check = ClosureCheck(infos, in: store, declaredCount: found.declaredCount, workers: workers) {
        Interrupt.signal != nil
    }
    (check.moved, check.declaresReferences) = (moved, found.declaresReferences)
    check.excluded = Dictionary(uniqueKeysWithValues: pruning.paths.map { ($0.path, $0.excluded) })
    let bar = output.display.bar(infos.map { store.physicalPath(of: $0.path, orIn: moved) }) { [check] in
        let (entries, bytes) = check.progress
        return ProgressBar.Progress(entries: entries, bytes: bytes)
    }
    let findings = check.findings()
    bar?.end()
    if Interrupt.signal != nil { throw ExitCode(130) }
    for finding in findings where !(finding.isNote && output.quiet) {
        let prefix = finding.isNote ? "repot: note:" : "repot:"
        Console.line("\(prefix) \(finding.text(in: store, listing: 5))", to: .error)
    }
    if !findings.allSatisfy(\.isNote) { throw ExitCode(1) }
}
