import Glibc

/// The most memory, in bytes, that a finished program had resident.
///
/// What `wait4` reports is never too small, but it starts with the memory of the process that spawned the
/// program: the two are one until exec. So a small child of a large parent seems large, and what was seen
/// under /proc while the child ran tells better, though it may miss the very last growth.
public struct PeakMemory: Sendable {
    /// The child had at least this much: the last VmHWM seen.
    public let atLeast: Int
    /// The child, and any child of its own it waited for, had at most this much: ru_maxrss.
    public let atMost: Int
    private let parent: Int

    /// The best estimate: exact if the child outgrew its parent.
    public var bytes: Int { isExact || atLeast == 0 ? atMost : atLeast }
    /// Whether the child outgrew its parent, so that `wait4` speaks of the child.
    public var isExact: Bool { atMost > parent }

    init(atLeast: Int, atMost: Int, parent: Int) {
        self.atLeast = atLeast
        self.atMost = atMost
        self.parent = parent
    }

    /// The peak of a process that is still running, or nil when it is gone.
    static func ofProcess(_ id: String) -> Int? {
        guard let file = try? Descriptor.open("/proc/\(ByteString(id))/status", O_RDONLY) else { return nil }
        var bytes = [UInt8](repeating: 0, count: 8192)
        let count = pread(file.number, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        for line in bytes.prefix(count).split(separator: UInt8(ascii: "\n"))
        where line.starts(with: "VmHWM:".utf8) {
            let digits = line.filter { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            return Int(String(decoding: digits, as: UTF8.self)).map { $0 * 1024 }
        }
        return nil
    }
}
