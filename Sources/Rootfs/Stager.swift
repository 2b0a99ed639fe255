import NixClosure
import SystemCalls
public import TreeCopy

/// Carries a plan out.
public struct Stager: Sendable {
    private let plan: RootfsPlan
    private let finish: FinishingTouch

    /// A stager for one plan.
    public init(_ plan: RootfsPlan) {
        self.plan = plan
        finish = FinishingTouch(owner: plan.spec.owner, modificationTime: plan.spec.modificationTime)
    }

    /// Writes what is missing; `copy` runs the engine, so that a caller can show its progress and end it.
    /// Failures are in the report; a store path that failed is not there.
    public func stage(_ copy: (CopyRequest) -> CopyReport) -> CopyReport {
        do throws(RootfsError) {
            let skeleton = try Skeleton(plan)
            var report = try copyMissing(into: skeleton, copy)
            if report.wasCancelled { return report }
            report.roots += plan.spec.closure.storePaths.count - plan.missing.count
            report.counts.skipped += plan.spec.closure.storePaths.count - plan.missing.count
            report.counts.symlinks += plan.symlinks.count
            try makeSymlinks(in: skeleton)
            try skeleton.finish(finish)
            return report
        } catch {
            var report = CopyReport()
            report.errorCount = 1
            report.errors = [CopyError(.refused(error.description), error.path)]
            return report
        }
    }

    private func copyMissing(
        into skeleton: Skeleton, _ copy: (CopyRequest) -> CopyReport
    ) throws(RootfsError) -> CopyReport {
        if plan.missing.isEmpty {
            if plan.hasLeftovers { try skeleton.sweepStore() }
            return CopyReport()
        }
        let spec = plan.spec
        let roots = plan.missing.map { storePath in
            var root = CopyRoot(
                source: spec.store.physicalPath(of: storePath), directory: skeleton.storePath, name: storePath.baseName,
                publication: .whole)
            root.openDirectory = skeleton.store
            return root
        }
        return copy(CopyRequest(roots: roots, options: options))
    }

    private var options: CopyOptions {
        var options = CopyOptions()
        options.strategy = plan.spec.strategy
        options.isStrict = plan.spec.isStrict
        options.linkPolicy = .unchanging
        options.existing = .refuse
        options.owner = plan.spec.owner
        options.modificationTime = plan.spec.modificationTime
        options.workers = plan.spec.workers
        return options
    }

    private func makeSymlinks(in skeleton: Skeleton) throws(RootfsError) {
        for link in plan.symlinks {
            let parent = try skeleton.directory(link.path.parent)
            let name = Name(link.path.lastComponent)
            do throws(Errno) { try parent.symlink(name, to: Name(link.target)) } catch {
                throw .failed("cannot create symbolic link", plan.spec.destination.appending(link.path), error)
            }
        }
        // Also those that were there: a run that was killed may have left one without its time.
        for link in plan.spec.symlinks {
            let parent = try skeleton.directory(link.path.parent)
            try finish.apply(toSymlink: Name(link.path.lastComponent), in: parent, link.path)
        }
    }
}
