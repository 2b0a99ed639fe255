import Glibc

/// The system calls that repot makes, as fault injection and its tests name them.
package enum SystemCall: String, CaseIterable, Sendable {
    case open, close, read, readCached, readAhead, write, statx, getdents, seek, truncate, copyRange, clone, duplicate,
        statusFlags
    case makeDirectory, makeNode, link, symlink, readLink, unlink, rename
    case setMode, setOwner, setTimes, listAttributes, getAttribute, setAttribute, removeAttribute
    case lock, sync, fileSystem, spawn, overlayHandle
}

/// Makes a system call. Repeats it after EINTR, unless the run was interrupted. close(2) is not called here: Linux has
/// closed the descriptor even if it returns EINTR.
@inline(__always)
func invoke(_ call: SystemCall, _ body: () -> Int) throws(Errno) -> Int {
    while true {
        #if FAULT_INJECTION
            if let fault = Faults.next(call) {
                guard fault == .interrupted else { throw fault }
                continue
            }
        #endif
        let result = body()
        if result >= 0 { return result }
        let number = errno
        if number != EINTR || !Interrupt.repeats(call) { throw Errno(rawValue: number) }
    }
}

@inline(__always)
func invoke(_ call: SystemCall, _ body: () -> Int32) throws(Errno) {
    _ = try invoke(call) { Int(body()) } as Int
}
