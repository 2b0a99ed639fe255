import NixClosure
import SystemCalls

/// The rule by which a store path at the destination counts as complete: its top entry has the type, the mode and the
/// modification time of the source's, and a file has its size.
///
/// An interrupted copy has another modification time, because a directory gets its own after its last entry.
struct StorePathCheck {
    private let spec: RootfsSpec

    init(_ spec: RootfsSpec) { self.spec = spec }

    /// Whether the store path needs no copy. A store path that the store does not have any more, since `--move` has
    /// renamed it, cannot be compared and counts as complete.
    func isComplete(_ storePath: StorePath, _ existing: Metadata) throws(PathError) -> Bool {
        let path = spec.store.physicalPath(of: storePath)
        do throws(Errno) {
            return matches(existing, try Directory.current.metadata(of: Name(path), following: false))
        } catch {
            if error == .notFound { return true }
            throw .failed("cannot stat", path, error)
        }
    }

    private func matches(_ existing: Metadata, _ source: Metadata) -> Bool {
        let modified = spec.modificationTime.map { Timestamp(seconds: $0, nanoseconds: 0) } ?? source.modified
        guard existing.kind == source.kind, existing.modified.isTruncation(of: modified) else { return false }
        if let owner = spec.owner, owner != existing.owner { return false }
        switch source.kind {
        case .symlink: return true
        case .regular: return existing.mode == source.mode && existing.size == source.size
        default: return existing.mode == source.mode
        }
    }
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
