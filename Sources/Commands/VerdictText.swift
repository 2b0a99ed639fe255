import JSON
import SystemCalls

/// How a verification ends, of whatever it was.
extension OutputOptions {
    /// Tells the verdict in the form that is wanted, and returns the exit status.
    func conclude(
        isClean: Bool, wasCancelled: Bool, json: @autoclosure () -> JSONValue, summary: @autoclosure () -> String
    ) -> Int32 {
        if self.json {
            Console.line(json().text, to: .output)
        } else if !quiet, !wasCancelled {
            Console.line(summary(), to: .error)
        }
        if wasCancelled { return 130 }
        guard Console.isComplete(.output) else {
            Console.line("repot: write error", to: .error)
            return 1
        }
        return isClean ? 0 : 1
    }
}
