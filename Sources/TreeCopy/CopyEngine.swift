import FileTree
import Synchronization
import SystemCalls

/// Copies trees: in parallel, faithfully, and without ever writing to a source.
public struct CopyEngine: Sendable {
    private let request: CopyRequest
    private let run: CopyRun

    /// An engine for one request.
    public init(_ request: CopyRequest) {
        var request = request
        for number in request.roots.indices { request.roots[number].number = number }
        self.request = request
        run = CopyRun(request)
    }

    /// What is done so far; may be asked from any thread while `copy()` runs.
    public var progress: CopyCounts { run.counts }

    /// Makes the copy and returns when all of it is done, failed or given up. Failures of single entries
    /// are in the report; the rest is copied all the same.
    public func copy() -> CopyReport {
        let begin = monotonicNanoseconds()
        run.errorOrder?.begin()
        let waves = RootWaves(request)
        run.meetsSomething.store(waves.meetsSomething, ordering: .relaxed)
        for wave in waves.all {
            for part in Self.parts(of: wave) {
                var targets: [Path: TargetDirectory] = [:]
                copy(part, &targets)
                for target in targets.values { close(target) }
            }
        }
        run.errorOrder?.end()
        var report = CopyReport()
        run.findings.fill(&report)
        report.counts = run.counts
        report.roots = run.finishedRoots.load(ordering: .relaxed)
        report.reasons = run.ladders.reasons(for: request.options.strategy)
        report.wasCancelled = run.wasCancelled.load(ordering: .relaxed)
        report.seconds = Double(monotonicNanoseconds() - begin) / 1e9
        return report
    }

    /// With `--parents` each root may have a target of its own: so many are held open at a time.
    private static let openTargets = 64

    private static func parts(of roots: [CopyRoot]) -> [[CopyRoot]] {
        var parts: [[CopyRoot]] = []
        var directories: Set<Path> = []
        for root in roots {
            if parts.isEmpty || (!directories.contains(root.directory) && directories.count == openTargets) {
                parts.append([])
                directories = []
            }
            directories.insert(root.directory)
            parts[parts.count - 1].append(root)
        }
        return parts
    }

    private func copy(_ roots: [CopyRoot], _ targets: inout [Path: TargetDirectory]) {
        var tasks: [RootTask] = []
        for root in roots where !run.isOver {
            do throws(CopyError) {
                if let failure = root.failure { throw failure }
                tasks.append(RootTask(root, into: try target(root, &targets)))
            } catch {
                run.add(root.failure ?? unmade(root, error), of: root.number, side: .destination)
                run.errorOrder?.finish(root.number)
            }
        }
        // Last in, first out: pushed backwards, the first root is the first to be taken.
        for task in tasks.reversed() { run.pool.push(.root(task), by: 0) }
        run.pool.run({ [run] in Worker(run, index: $0) }) { worker, job in worker.perform(job) }
        for task in tasks { discard(task) }
    }

    /// Without the directory that is to receive it, a root is what cannot be made.
    private func unmade(_ root: CopyRoot, _ error: CopyError) -> CopyError {
        guard case .failed(.open, let errno) = error.reason else { return error }
        let follows = request.options.dereference != .never
        let source: Metadata
        do throws(Errno) {
            source = try Directory.current.metadata(of: Name(root.source), following: follows)
        } catch { return CopyError(.failed(.inspect, error), root.source) }
        if source.kind == .directory, !request.options.isRecursive {
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

    private func target(
        _ root: CopyRoot, _ known: inout [Path: TargetDirectory]
    ) throws(CopyError) -> TargetDirectory {
        if let target = known[root.directory] { return target }
        let target = try TargetDirectory(root)
        known[root.directory] = target
        if request.roots.contains(where: { $0.publication != .inPlace }) { sweep(target) }
        return target
    }

    /// What a killed run left beside the roots goes first: it may be what filled the disk. Where it cannot be
    /// removed, that is no reason not to copy.
    private func sweep(_ target: TargetDirectory) {
        do throws(Errno) { try target.staging.sweep() } catch {
            run.findings.add(warning: CopyError(.failed(.remove, error), target.path))
        }
    }

    /// Removes a root that still has its temporary name.
    private func discard(_ root: RootTask) {
        guard let name = root.stagedName else { return }
        var removal = TreeRemoval()
        do throws(Errno) { try removal.remove(name, in: root.target.directory) } catch {
            run.add(
                CopyError(.failed(.remove, error), root.target.path.appending(name)), to: root, side: .destination)
        }
    }

    private func close(_ target: TargetDirectory) {
        do throws(Errno) { try target.staging.close() } catch {
            // Of no root, and so behind all of them.
            run.add(CopyError(.failed(.remove, error), target.path), of: request.roots.count, side: .destination)
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
        return StrategyReason(source: example, fileSystems: fileSystems, findings: findings)
    }

    private func chosen(for choice: StrategyChoice) -> Strategy {
        if choice == .hardlink, hardlink.state == .works { return .hardlink }
        return choice != .copy && reflink.state == .works ? .reflink : .copy
    }
}
