import CLinux
import Glibc
import Synchronization

/// Who runs, and within which limits: read once at the start of a run.
package enum ProcessState {
    /// geteuid(2) and getegid(2): what the kernel gives to files that are made here.
    package static var effectiveOwner: Ownership { Ownership(user: geteuid(), group: getegid()) }

    /// getgroups(2) and the effective group: the groups that an ordinary user may hand a file to.
    package static var groups: [UInt32] {
        let count = getgroups(0, nil)
        var list = [gid_t](repeating: 0, count: max(Int(count), 1))
        let filled = getgroups(Int32(list.count), &list)
        return list.prefix(max(Int(filled), 0)) + [getegid()]
    }

    private static var resource: Int32 { Int32(RLIMIT_NOFILE.rawValue) }

    /// The soft RLIMIT_NOFILE.
    package static var descriptorLimit: Int {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return 256 }
        return Int(clamping: limit.rlim_cur)
    }

    /// Raises the soft RLIMIT_NOFILE to the hard one. A refusal leaves the limit as it was, and the
    /// engine stays below it.
    package static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(resource, &limit)
    }

    /// The file mode creation mask, where this process has set or captured it; all ones above the permissions if not.
    private static let knownMask = Atomic<UInt32>(.max)

    /// umask(2): sets the mask and returns the previous one. Call before there are other threads: the mask belongs to
    /// all of them.
    package static func exchangeMask(_ mask: FileMode) -> FileMode {
        knownMask.store(mask.rawValue, ordering: .relaxed)
        return FileMode(rawValue: umask(mask.rawValue))
    }

    /// Records the mask for `mask`. umask(2) cannot read it without setting it: call before there are other threads.
    package static func captureMask() { _ = exchangeMask(exchangeMask(.permissions)) }

    /// The file mode creation mask: the captured one, or else the one that procfs shows. Where procfs is missing, all
    /// ones, with which every mode is set explicitly.
    package static var mask: FileMode {
        let known = knownMask.load(ordering: .relaxed)
        if known != .max { return FileMode(rawValue: known) }
        guard let status = try? readSmallFile("/proc/self/status") else { return .permissions }
        let line = String(decoding: status, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("Umask:") }
        guard let digits = line?.split(separator: "\t").last, let mask = UInt32(digits, radix: 8) else {
            return .permissions
        }
        return FileMode(rawValue: mask)
    }

    /// Whether /proc/self/fd is there: a bare chroot has none.
    package static var hasDescriptorFolder: Bool {
        (try? Directory.current.metadata(of: Name("/proc/self/fd"), following: true))?.kind == .directory
    }

    /// getenv(3).
    package static func variable(_ name: String) -> String? {
        name.withCString { getenv($0) }.map { String(cString: $0) }
    }

    /// Where large temporary files go: TMPDIR, or else the first that is there. Source: file-hierarchy(7): /tmp is
    /// often memory.
    package static var temporaryFolder: Path {
        if let folder = variable("TMPDIR"), !folder.isEmpty { return Path(folder) }
        let isThere = (try? Directory.current.metadata(of: Name("/var/tmp"), following: true))?.kind == .directory
        return isThere ? "/var/tmp" : "/tmp"
    }

    /// setenv(3), for programs that are started later; a variable that is set, even to nothing, stays. For the
    /// executable's first moments only: the environment belongs to all threads.
    package static func setDefault(_ name: String, _ value: String) { setenv(name, value, 0) }

    /// The processors that this process may run on: sched_getaffinity(2).
    package static var processors: Int { max(1, Int(clinux_processors())) }
}

/// Reads a file whose size the kernel does not report, such as one below /proc. Throws EFBIG if it is larger than the
/// limit.
package func readSmallFile(_ path: Path, atMost limit: Int = .max) throws(Errno) -> [UInt8] {
    try Directory.current.openFile(Name(path)).readToEnd(atMost: limit)
}

extension Descriptor {
    /// All that is left to read; EFBIG where that is more.
    package consuming func readToEnd(atMost limit: Int = .max) throws(Errno) -> [UInt8] {
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            var count = 0
            var failure: Errno?
            chunk.withUnsafeMutableBytes { buffer in
                do throws(Errno) { count = try read(into: buffer) } catch { failure = error }
            }
            if let failure { throw failure }
            guard count > 0 else { break }
            if count > limit - content.count { throw .tooBig }
            content += chunk[..<count]
        }
        try close()
        return content
    }
}

/// A monotonic clock in nanoseconds: clock_gettime(2), CLOCK_MONOTONIC.
package func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// exit(3).
package func exitProcess(_ status: Int32) -> Never { exit(status) }

/// The time of day: clock_gettime(2), CLOCK_REALTIME.
package func wallClock() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(seconds: Int64(time.tv_sec), nanoseconds: UInt32(time.tv_nsec))
}

/// The time of day at which the machine was started, by the present clock. Source: clock_gettime(2), CLOCK_BOOTTIME.
package func machineStartTime() -> Timestamp {
    var sinceStart = timespec()
    clock_gettime(CLOCK_BOOTTIME, &sinceStart)
    let now = wallClock()
    let nanoseconds = Int64(now.nanoseconds) - Int64(sinceStart.tv_nsec)
    return Timestamp(
        seconds: now.seconds - Int64(sinceStart.tv_sec) - (nanoseconds < 0 ? 1 : 0),
        nanoseconds: UInt32((nanoseconds + 1_000_000_000) % 1_000_000_000))
}

extension Timestamp {
    /// Whether a status that changed at this time changed after the machine was started. File systems may write the
    /// name, the mode and the times of a file to disk half a minute before its content, so that a power cut takes the
    /// content. A time in the future does not count, since a clock was wrong. The clock of a file server may be 60 s
    /// ahead.
    package func isSince(_ boot: Timestamp) -> Bool { self >= boot && self <= wallClock() }
}

extension Collection<UInt8> {
    /// Whether there is nothing but NUL bytes, as in a file whose content a power cut has taken.
    package var isEmptyOrNUL: Bool { allSatisfy { $0 == 0 } }
}

/// Waits: nanosleep(2). A signal may end it early.
package func pause(milliseconds: Int) {
    var time = timespec(tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
    nanosleep(&time, nil)
}
