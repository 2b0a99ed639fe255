import Dispatch
import FileTree
import Synchronization
import SystemCalls

/// A line on the terminal that is drawn anew ten times a second while a run lasts.
///
/// How much there is to do is counted meanwhile by a walk of its own, which reads directories only.
final class ProgressBar: Sendable {
    /// What has been done so far.
    struct Progress: Sendable {
        var entries = 0
        var bytes: Int64 = 0
    }

    private let progress: @Sendable () -> Progress
    private let census: Census
    private let started = monotonicNanoseconds()
    private let isOver = DispatchSemaphore(value: 0)
    private let counting = WorkerThreads()
    private let drawing = WorkerThreads()

    init(_ roots: [Path], _ progress: @escaping @Sendable () -> Progress) {
        self.progress = progress
        census = Census(roots)
    }

    /// Begins to draw; without a thread to spare, there is no bar.
    func begin() {
        counting.start(0..<1) { [census] _ in census.count() }
        drawing.start(0..<1) { [self] _ in
            while isOver.wait(timeout: .now() + .milliseconds(100)) == .timedOut { draw() }
            Console.writeUnescaped("\r\u{1b}[K".utf8, to: .error)
        }
    }

    /// Clears the line; nothing is drawn after it. The count may be stuck in a system call, so it is not waited for.
    func end() {
        census.cancel()
        counting.close()
        isOver.signal()
        drawing.finish()
    }

    private func draw() {
        let columns = Console.columns(of: .error) ?? 80
        let seconds = Double(monotonicNanoseconds() - started) / 1e9
        let line = Self.line(progress(), total: census.total, seconds: seconds, columns: columns)
        Console.writeUnescaped("\r\(line)\u{1b}[K".utf8, to: .error)
    }

    /// The bar, files, bytes, rate and time left, as far as they fit. `total` is nil until all is counted.
    static func line(_ counts: Progress, total: Int?, seconds: Double, columns: Int) -> String {
        let done = counts.entries
        var text = "\(done.grouped)"
        if let total { text += " of \(max(total, done).grouped)" }
        text +=
            " files, \(counts.bytes.binaryUnits), \(Int64(Double(counts.bytes) / max(seconds, 0.001)).binaryUnits)/s"
        guard let total, total > 0, done > 0 else { return String(text.prefix(columns - 1)) }
        let share = min(1, Double(done) / Double(total))
        text += ", \(Int(seconds / share - seconds + 0.5).clock) left"
        let width = min(30, columns - text.count - 4)
        guard width > 4 else { return String(text.prefix(columns - 1)) }
        let filled = Int(share * Double(width))
        return "[" + String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled) + "] " + text
    }
}
