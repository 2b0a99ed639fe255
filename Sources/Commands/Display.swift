import Dispatch
import JSON
import SystemCalls
import TreeCopy

/// What a command tells people and machines about a run.
struct Display: Sendable {
    enum Progress: Sendable { case auto, always, never }
    enum Unit: Sendable { case paths, files }

    var program = "repot"
    var progress = Progress.auto
    var isQuiet = false
    var isVerbose = false
    var isJSON = false
    var explains = false
    /// Each file's way is told: `--debug`.
    var tellsHow = false
    /// Errors are told when they happen, between what else is told, rather than in the end.
    var tellsErrorsAtOnce = false
    /// A line at the end says what was done; cp says nothing.
    var summarises = true

    /// cp speaks up only where somebody watches, or asked for it.
    var wantsSummaryForCopy: Bool { showsProgress || explains }

    private var showsProgress: Bool {
        // A bar would be drawn over what else is told, and over questions.
        if isQuiet || isJSON || tellsErrorsAtOnce { return false }
        switch progress {
        case .always: return true
        case .never: return false
        case .auto: return Console.columns(of: .error) != nil
        }
    }

    /// Copies, with a bar where one is wanted, until it is done or interrupted.
    func run(_ request: CopyRequest) -> CopyReport {
        var request = request
        request.isCancelled = { Interrupt.signal != nil }
        if isVerbose {
            request.onEvent = { [tellsHow] event in
                if event.isDetail, !tellsHow { return }
                Console.line(event.line, to: .output)
            }
        }
        if tellsErrorsAtOnce {
            request.onError = { [program] in Console.line("\(program): \($0)", to: .error) }
        }
        // Nothing of cp's is half-made under another name: it may simply be ended, in the middle of a question as well.
        if program != "cp" { catchInterruptions(program) }
        let engine = CopyEngine(request)
        // The process ends soon: to deallocate the tables of the run takes longer than to copy a small file.
        _ = Unmanaged.passRetained(KeptEngine(engine))
        let bar = bar(request.roots.map(\.source)) {
            let counts = engine.progress
            return ProgressBar.Progress(entries: counts.entries + counts.skipped, bytes: counts.bytes)
        }
        defer { bar?.end() }
        return engine.copy()
    }

    /// A bar that has begun, where one is wanted.
    func bar(_ roots: @autoclosure () -> [Path], _ progress: @escaping @Sendable () -> ProgressBar.Progress)
        -> ProgressBar?
    {
        guard showsProgress else { return nil }
        let bar = ProgressBar(roots(), progress)
        bar.begin()
        return bar
    }

    /// Says what was and was not done, and returns the exit status.
    func finish(_ report: CopyReport, unit: Unit) -> Int32 {
        for warning in report.warnings { Console.line("\(program): warning: \(warning)", to: .error) }
        if !tellsErrorsAtOnce {
            for error in report.errors { Console.line("\(program): \(error)", to: .error) }
        }
        let unnamed = tellsErrorsAtOnce ? 0 : report.errorCount - report.errors.count
        if unnamed > 0 { Console.line("\(program): and \(unnamed) more errors", to: .error) }
        if explains { explain(report) }
        if isJSON {
            Console.line(report.json.text, to: .output)
        } else if summarises, !isQuiet, !report.wasCancelled {
            Console.line(report.summary(unit), to: .error)
        }
        if report.wasCancelled { return 130 }
        let failure = Console.failure(.output)
        if let failure { Console.line("\(program): write error: \(failure.message)", to: .error) }
        return report.errorCount + report.declined == 0 && failure == nil ? 0 : 1
    }

    private func explain(_ report: CopyReport) {
        for reason in report.reasons {
            Console.line("\(reason.source) (\(reason.fileSystems)):", to: .error)
            for finding in reason.findings { Console.line("  \(finding)", to: .error) }
        }
        for (reason, count) in report.fallbacks.sorted(by: { $0.key < $1.key }) {
            Console.line("\(count.grouped) stepped down: \(reason)", to: .error)
        }
    }
}

/// An engine that is never deallocated.
private final class KeptEngine {
    let engine: CopyEngine
    init(_ engine: CopyEngine) { self.engine = engine }
}
