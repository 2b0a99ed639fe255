package import SystemCalls

extension CopyOptions {
    /// Whether the top entry of an existing store path is what a complete copy of the source has: its type, mode, owner
    /// if one is given, modification time and, for a file, size. An interrupted copy has another time, because a
    /// directory gets its time after its last entry.
    package func isComplete(_ existing: Metadata, copyOf source: Metadata) -> Bool {
        guard source.kind == existing.kind, source.kind == .directory || source.size == existing.size else {
            return false
        }
        let wanted = WantedMetadata(of: source, [], self)
        if let owner, owner != existing.owner { return false }
        if let modified = wanted.modified, !existing.modified.isTruncation(of: modified) { return false }
        return source.kind == .symlink || !preserve.contains(.mode) || wanted.mode == existing.mode
    }

    /// Whether an entry whose status changed at this time was written after the machine was started. If so, no power
    /// cut can have taken its content.
    package func isFromThisBoot(changed: Timestamp) -> Bool { changed.isSince(bootTime) }
}

extension Timestamp {
    /// Nanoseconds in the units of time that file systems have: NTFS, then those of network protocols, exFAT, and ext3.
    private static let units: [UInt32] = [1, 100, 1_000, 1_000_000, 10_000_000, 1_000_000_000]

    /// Whether a file system that cannot store all digits of the other time would have stored this one.
    func isTruncation(of other: Timestamp) -> Bool {
        // FAT stores even seconds.
        if seconds == other.seconds & ~1, nanoseconds == 0 { return true }
        return seconds == other.seconds
            && Self.units.contains { nanoseconds == other.nanoseconds - other.nanoseconds % $0 }
    }
}
