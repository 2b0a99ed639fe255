import FileTree
import Synchronization
import SystemCalls

/// Copies trees: in parallel, faithfully, and without ever writing to a source.
public struct CopyEngine: Sendable {
    private let roots: [CopyRoot]
    private let run: CopyRun
    /// Some root has a temporary name until it is done.
    private let isStaged: Bool

    /// An engine for one request.
    public init(_ request: CopyRequest) {
        var roots = request.roots
        run = CopyRun(request)
        let isTiny = ProcessState.descriptorLimit < DescriptorBudget.fewDescriptors
        var isStaged = false
        for number in roots.indices {
            roots[number].number = number
            // The lock file of a temporary name would take another descriptor.
            if isTiny, roots[number].publication == .whenDone { roots[number].publication = .inPlace }
            if roots[number].publication != .inPlace { isStaged = true }
        }
        self.roots = roots
        self.isStaged = isStaged
    }

    /// What is done so far; may be asked from any thread while `copy()` runs.
    public var progress: CopyCounts { run.counts }

    /// Makes the copy and returns when all of it is done, failed or given up. Failures of single entries
    /// are in the report; the rest is copied all the same.
    public func copy() -> CopyReport {
        let begin = monotonicNanoseconds()
        var worker = Worker(run, index: 0)
        run.errorOrder?.begin()
        if roots.count == 1 {
            let meetsSomething = !run.isOrdered && RootFootprint(roots[0], run.options).meetsSomething
            run.meetsSomething.store(meetsSomething, ordering: .relaxed)
            copy(roots, &worker)
        } else {
            let waves = RootWaves(roots, run.options, isOrdered: run.isOrdered)
            run.findCollisions(roots, meetsSomething: waves.meetsSomething)
            for wave in waves.all {
                for part in Self.parts(of: wave) { copy(part, &worker) }
            }
        }
        run.errorOrder?.end()
        var report = CopyReport(run.ladders, run.options.strategy)
        run.findings.fill(&report)
        report.counts = run.counts
        report.declined = run.declined.load(ordering: .relaxed)
        report.roots = run.finishedRoots.load(ordering: .relaxed)
        report.wasCancelled = run.wasCancelled.load(ordering: .relaxed)
        report.seconds = Double(monotonicNanoseconds() - begin) / 1e9
        return report
    }

    /// The roots of a part are copied together, and so their targets are open together.
    private static func parts(of roots: [CopyRoot]) -> [[CopyRoot]] {
        if roots.allSatisfy({ $0.directory == roots.first?.directory }) { return [roots] }
        var parts: [[CopyRoot]] = []
        var directories: Set<Path> = []
        for root in roots {
            if parts.isEmpty || (!directories.contains(root.directory) && directories.count == OpenTargets.most) {
                parts.append([])
                directories = []
            }
            directories.insert(root.directory)
            parts[parts.count - 1].append(root)
        }
        return parts
    }

    private func copy(_ roots: [CopyRoot], _ worker: inout Worker) {
        var tasks: [RootTask] = []
        run.targets.withLock { $0.beginPart() }
        for root in roots where !run.isOver {
            if let failure = root.failure {
                giveUp(root, failure)
                continue
            }
            do throws(CopyError) {
                let target = try run.targets.withLock { targets throws(CopyError) in
                    try targets.target(of: root) { if isStaged { sweep($0) } }
                }
                tasks.append(RootTask(root, into: target, run.options))
            } catch { giveUp(root, unmade(root, error)) }
        }
        // Last in, first out: pushed backwards, the first root is the first to be taken.
        for task in tasks.reversed() { run.pool.push(.root(task), by: 0) }
        run.pool.run(with: &worker, { [run] in Worker(run, index: $0) }) { $0.perform($1) }
        if let durability = run.durability { publish(tasks, by: worker, durability) }
        for task in tasks { discard(task) }
        for task in tasks { close(task.target) }
    }

    /// Writes the roots to disk, renames them to their final names, and writes the names to disk.
    private func publish(_ tasks: [RootTask], by worker: borrowing Worker, _ durability: Durability) {
        for task in tasks {
            do throws(Failure) {
                let directory = try task.target.directory()
                durability.add(directory, task.target.metadata.identity.device, task.target.path)
            } catch { run.add(CopyError(error.reason, task.target.path), to: task, side: .destination) }
        }
        var failures = run.isOver ? [] : durability.sync()
        for task in tasks {
            // A store path must not get its name if its content may not be on disk.
            if failures.isEmpty || task.request.publication != .whole {
                worker.conclude(task)
            } else {
                run.errorOrder?.finish(task.request.number)
            }
        }
        if failures.isEmpty, !run.isOver { failures = durability.sync() }
        for failure in failures { run.add(failure, of: roots.count, side: .destination) }
    }

    private func giveUp(_ root: CopyRoot, _ error: CopyError) {
        run.add(error, of: root.number, side: .destination)
        run.errorOrder?.finish(root.number)
    }

    /// Without the directory that is to receive it, a root is what cannot be made.
    private func unmade(_ root: CopyRoot, _ error: CopyError) -> CopyError {
        guard case .failed(.open, let errno) = error.reason else { return error }
        let follows = run.options.dereference != .never
        let source: Metadata
        do throws(Errno) {
            source = try Directory.current.metadata(of: Name(root.source), following: follows)
        } catch { return CopyError(.failed(.inspect, error), root.source) }
        if source.kind == .directory, !run.options.isRecursive {
            return CopyError(.refused("-r not specified; omitting directory \(root.source.quoted)"), root.source)
        }
        // What is there cannot be looked at either, unless there is simply nothing.
        let making: Operation =
            switch source.kind {
            case .directory: .makeDirectory
            case .symlink: .symlink
            default: .create
            }
        return CopyError(.failed(errno == .notFound ? making : .inspect, errno), root.shownDestination)
    }

    /// What a killed run left beside the roots goes first: it may be what filled the disk. Where it cannot be
    /// removed, that is no reason not to copy.
    private func sweep(_ target: TargetDirectory) {
        do throws(Failure) {
            let staging = try target.opened().staging
            try attempt(.remove, .destination) { () throws(Errno) in try staging.sweep() }
        } catch {
            // A directory may accept files without permission to list it.
            if error.reason == .failed(.remove, .accessDenied) { return }
            run.findings.add(warning: CopyError(error.reason, target.path))
        }
    }

    /// Removes a root that was not published, or the incomplete one that it has replaced.
    private func discard(_ root: RootTask) {
        guard let name = root.nameToRemove else { return }
        do throws(Failure) {
            let directory = try root.base(.destination)
            try attempt(.remove, .destination) { () throws(Errno) in
                var removal = TreeRemoval()
                try removal.remove(name, in: directory)
            }
        } catch { run.add(CopyError(error.reason, root.target.path.appending(name)), to: root, side: .destination) }
    }

    /// Here and not when all parts are done: the next root may give the target itself its time.
    private func close(_ target: TargetDirectory) {
        do throws(Failure) {
            let staging = try target.opened().staging
            do throws(Errno) { try staging.close() } catch {
                let path = staging.lockName.map { target.path.appending($0) } ?? target.path
                run.findings.add(warning: CopyError(.failed(.remove, error), path))
            }
        } catch {
            // It concerns no root, and so is reported after all of them.
            run.add(CopyError(error.reason, target.path), of: roots.count, side: .destination)
        }
    }
}

extension StrategyLadder {
    /// What was found between the two volumes, and what followed from it.
    func reason(for choice: StrategyChoice, example: Path) -> StrategyReason {
        var findings: [String] = []
        if isOverlay { findings.append("hardlink: not for files in a lower layer: \(Errno.copiesUp.plainReason)") }
        findings += [("hardlink", hardlink), ("reflink", reflink)].compactMap { name, rung in
            switch rung.outcome {
            case .untried: nil
            case .works: "\(name): works"
            case .refused(let errno): "\(name): \(errno.plainReason) (\(errno.name))"
            }
        }
        findings.append("chosen: \(chosen(for: choice).rawValue)")
        return StrategyReason(source: example, fileSystems: types.text, findings: findings)
    }

    private func chosen(for choice: StrategyChoice) -> Strategy {
        if choice == .hardlink, hardlink.state == .works { return .hardlink }
        return choice != .copy && reflink.state == .works ? .reflink : .copy
    }
}
