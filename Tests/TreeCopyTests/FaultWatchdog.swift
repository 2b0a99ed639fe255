import Dispatch
import Glibc
import SystemCalls

/// Ends the test process when something hangs: a test that waits for ever tells nobody why.
func withinSeconds<R>(_ seconds: Int, _ what: String, _ body: () throws -> R) rethrows -> R {
    let alarm = DispatchWorkItem {
        Console.line("hangs: \(what)", to: .error)
        abort()
    }
    DispatchQueue(label: "watchdog").asyncAfter(deadline: .now() + .seconds(seconds), execute: alarm)
    defer { alarm.cancel() }
    return try body()
}
