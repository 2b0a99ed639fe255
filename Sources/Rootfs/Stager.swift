import NixClosure
import Pruning
import SystemCalls
public import TreeCopy

/// Carries a plan out.
public struct Stager: Sendable {
    private let plan: RootfsPlan
    private let touch: FinishingTouch

    /// A stager for one plan.
    public init(_ plan: RootfsPlan) {
        self.plan = plan
        touch = FinishingTouch(owner: plan.spec.owner, modificationTime: plan.spec.modificationTime)
    }

    /// Writes what is missing; `copy` runs the engine, so that a caller can show its progress and end it.
    /// Failures are in the report; a store path that failed does not exist at the destination, or is the incomplete one
    /// that existed before.
    public func stage(_ copy: (CopyRequest) -> CopyReport) -> CopyReport {
        var report = CopyReport()
        do throws(PathError) {
            let scaffold = try Scaffold(plan, touch)
            var writer = EntryWriter(plan, touch, in: scaffold)
            // A run that is killed later has told what it began to leave out.
            var early = CopyReport()
            sweep(scaffold, &early)
            writer.write(&early) { $0.path == PruneRecord.path }
            if early.errorCount > 0 { return early }
            report = try bringMissing(into: scaffold, copy)
            report.count(early)
            count(&report)
            if !report.wasCancelled { writeEntries(&writer, &report) }
            for error in scaffold.finish() { report.add(error) }
            if plan.spec.syncs, !report.wasCancelled { try scaffold.sync() }
        } catch { report.add(error) }
        return report
    }

    /// What a killed run left goes first: it may be what filled the disk. Where it cannot be removed, that is no reason
    /// not to stage.
    private func sweep(_ scaffold: Scaffold, _ report: inout CopyReport) {
        for directory in plan.leftovers {
            do throws(PathError) { try scaffold.sweep(directory) } catch {
                report.add(warning: error.description, error.path)
            }
        }
    }

    /// What is registered has to be there.
    private func writeEntries(_ writer: inout EntryWriter, _ report: inout CopyReport) {
        writer.write(&report) { $0.path != PruneRecord.path && $0.path != Registration.path }
        writer.expandLinks(&report)
        guard report.errorCount == 0 else { return }
        writer.write(&report) { $0.path == Registration.path }
        // All store paths from before the power cut have been compared with the store.
        if plan.hasLostRecord { writer.remove(PruneRecord.path, &report) }
    }

    private func count(_ report: inout CopyReport) {
        let present = plan.spec.closure.storePaths.count - plan.missing.count
        report.roots += present
        report.counts.skipped += present
        // Which store paths a cancelled run has brought, the engine does not tell.
        let missing = report.wasCancelled ? [] : plan.missing
        for pruned in missing.compactMap({ plan.contents.pruning[$0] }) {
            if report.hasFailed(plan.spec.store.physicalPath(of: pruned.path)) { continue }
            report.counts.pruned += pruned.entries
            report.counts.prunedBytes = report.counts.prunedBytes.addingSaturated(pruned.bytes)
        }
        for glob in plan.contents.pruning.idle {
            report.add(warning: "--prune '\(glob)' matches nothing in the closure", Path(glob.description))
        }
    }

    private func bringMissing(
        into scaffold: Scaffold, _ copy: (CopyRequest) -> CopyReport
    ) throws(PathError) -> CopyReport {
        guard plan.spec.moves else { return try self.copy(plan.missing, into: scaffold, copy) }
        // A store path that was just built may not be on disk. Its content must be before it gets its new name.
        if plan.spec.syncs { try scaffold.sync() }
        let move = try StoreMove(plan.spec.store, scaffold)
        let (moved, left, errors) = moveMissing(by: move)
        var report = try self.copy(left, into: scaffold, copy)
        report.roots += moved
        report.counts.moved = moved
        for error in errors { report.add(error) }
        if !left.isEmpty {
            report.add(
                warning: "\(left.count) store path\(left.count == 1 ? " is" : "s are") copied, and not moved: "
                    + "\(plan.spec.destination.quoted) lies on another mount than "
                    + "\(plan.spec.store.physicalDirectory.quoted), in an overlay over it, or cannot be renamed to",
                plan.spec.destination)
        }
        return report
    }

    /// How many were renamed, which have to be copied, and what failed.
    private func moveMissing(by move: StoreMove) -> (moved: Int, left: [StorePath], errors: [PathError]) {
        var moved = 0
        var left: [StorePath] = []
        var errors: [PathError] = []
        let missing = Set(plan.missing)
        for storePath in plan.spec.closure.storePaths {
            errors.collect { () throws(PathError) in
                guard missing.contains(storePath) else { return try move.shut(storePath) }
                if try move.move(storePath) { moved += 1 } else { left.append(storePath) }
            }
        }
        return (moved, left, errors)
    }

    private func copy(
        _ storePaths: [StorePath], into scaffold: Scaffold, _ copy: (CopyRequest) -> CopyReport
    ) throws(PathError) -> CopyReport {
        if storePaths.isEmpty { return CopyReport() }
        let spec = plan.spec
        let store = try scaffold.store
        let roots = storePaths.map { storePath in
            var root = CopyRoot(
                source: spec.store.physicalPath(of: storePath), directory: scaffold.storePath, name: storePath.baseName,
                publication: .whole)
            root.openDirectory = store
            root.excluded = plan.contents.pruning[storePath]?.excluded ?? []
            return root
        }
        return copy(CopyRequest(roots: roots, options: spec.copyOptions))
    }

}

extension CopyReport {
    fileprivate func hasFailed(_ source: Path) -> Bool { errors.contains { $0.path.hasPrefix(source) } }

    /// Adds what another step has written.
    fileprivate mutating func count(_ other: CopyReport) {
        warningCount += other.warningCount
        warnings += other.warnings
        counts.copied += other.counts.copied
        counts.bytes += other.counts.bytes
    }
}
