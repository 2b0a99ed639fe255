import Dispatch
import Glibc
import SystemCalls

/// Ends the test process when something hangs: a test that waits for ever tells nobody why. A disk that stalls is given
/// its time.
func watched<R>(_ what: String, _ body: () throws -> R) rethrows -> R {
    let alarm = DispatchWorkItem {
        Console.line("hangs: \(what)", to: .error)
        abort()
    }
    DispatchQueue(label: "watchdog").asyncAfter(deadline: .now() + .seconds(120), execute: alarm)
    defer { alarm.cancel() }
    return try body()
}
