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
        var report = CopyReport()
        do throws(RootfsError) {
            let skeleton = try Skeleton(plan, finish)
            report = try copyMissing(into: skeleton, copy)
            let present = plan.spec.closure.storePaths.count - plan.missing.count
            report.roots += present
            report.counts.skipped += present
            if !report.wasCancelled { makeSymlinks(in: skeleton, &report) }
            try skeleton.finish()
        } catch { report.add(error) }
        return report
    }

    private func copyMissing(
        into skeleton: Skeleton, _ copy: (CopyRequest) -> CopyReport
    ) throws(RootfsError) -> CopyReport {
        if plan.missing.isEmpty {
            if plan.hasLeftovers { try skeleton.sweepStore() }
            return CopyReport()
        }
        let spec = plan.spec
        let store = try skeleton.store
        let roots = plan.missing.map { storePath in
            var root = CopyRoot(
                source: spec.store.physicalPath(of: storePath), directory: skeleton.storePath, name: storePath.baseName,
                publication: .whole)
            root.openDirectory = store
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

    /// Also those that were there get their metadata: a killed run may have left one without its time.
    private func makeSymlinks(in skeleton: Skeleton, _ report: inout CopyReport) {
        let missing = Set(plan.symlinks)
        for link in plan.spec.symlinks {
            do throws(RootfsError) {
                let parent = try skeleton.directory(link.path.parent)
                let name = Name(link.path.lastComponent)
                if missing.contains(link) {
                    guard try hasTarget(link, skeleton) else { continue }
                    report.counts.symlinks += try make(link, name, in: parent) ? 1 : 0
                }
                try finish.apply(toSymlink: name, in: parent, plan.spec.destination.appending(link.path))
            } catch { report.add(error) }
        }
    }

    /// False when it is there: it was asked for twice.
    private func make(_ link: RootfsSymlink, _ name: Name, in parent: Directory) throws(RootfsError) -> Bool {
        do throws(Errno) {
            try parent.symlink(name, to: Name(link.target))
            return true
        } catch {
            if error == .exists, (try? parent.readLink(name)) == Name(link.target) { return false }
            throw .failed("cannot create symbolic link", plan.spec.destination.appending(link.path), error)
        }
    }

    /// A symlink to a store path that could not be staged is left out; the report names the store path.
    private func hasTarget(_ link: RootfsSymlink, _ skeleton: Skeleton) throws(RootfsError) -> Bool {
        let below = link.target.components.dropFirst(plan.spec.store.directory.components.count)
        guard link.target.hasPrefix(plan.spec.store.directory), let storePath = below.first else { return true }
        let store = try skeleton.store
        do throws(Errno) {
            _ = try store.metadata(of: Name(storePath), following: false)
            return true
        } catch {
            if error == .notFound { return false }
            throw .failed("cannot stat", skeleton.storePath.appending(storePath), error)
        }
    }
}

extension CopyReport {
    fileprivate mutating func add(_ error: RootfsError) {
        errorCount += 1
        errors.append(CopyError(.refused(error.description), error.path))
    }
}
