@preconcurrency import Glibc

/// The floor gives up at the first thing that goes wrong: it is a measure, and no tool.
func giveUp(_ reason: String, status: Int32 = 1) -> Never {
    fputs("floor: \(reason)\n", stderr)
    exit(status)
}

/// The result of a call that has to succeed.
@discardableResult
func needed(_ result: Int32, _ operation: String, _ name: UnsafePointer<CChar>) -> Int32 {
    if result >= 0 { return result }
    giveUp("cannot \(operation) '\(String(cString: name))': \(String(cString: strerror(errno)))")
}
