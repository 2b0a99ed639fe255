import Synchronization
package import SystemCalls

/// Opens sources without touching their access times, as long as the kernel permits that: only the owner and root may
/// ask. Learnt once. Source: open(2), O_NOATIME.
package final class AccessTimes: Sendable {
    private let mayKeep = Atomic<Bool>(true)

    package init() {}

    /// Opens by `open`, with the options and, where it is permitted, `noAccessTime`.
    package func open<File: ~Copyable>(
        _ options: OpenOptions, _ open: (OpenOptions) throws(Errno) -> File
    ) throws(Errno) -> File {
        if mayKeep.load(ordering: .relaxed) {
            do throws(Errno) { return try open(options.union(.noAccessTime)) } catch {
                // EPERM is the kernel's answer; some file systems and filters do not know the flag.
                guard [.notPermitted, .invalid, .notSupported, .notImplemented].contains(error) else { throw error }
                mayKeep.store(false, ordering: .relaxed)
            }
        }
        return try open(options)
    }
}
