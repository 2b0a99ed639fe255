import Synchronization
import SystemCalls

/// How far a run has come, for whoever watches it from another thread.
public final class ArchiveProgress: Sendable {
    private let memberCount = Atomic<Int>(0)
    private let byteCount = Atomic<Int64>(0)

    init() {}

    /// Members that are written.
    public var members: Int { memberCount.load(ordering: .relaxed) }
    /// Bytes of the archive that are written, before they are packed.
    public var bytes: Int64 { byteCount.load(ordering: .relaxed) }

    func add(members: Int) { memberCount.add(members, ordering: .relaxed) }

    func add(bytes: Int) { byteCount.add(Int64(bytes), ordering: .relaxed) }
}

/// Who looks on while an archive is written.
struct ArchiveWatch: Sendable {
    let progress: ArchiveProgress
    let isCancelled: @Sendable () -> Bool
    let onMember: (@Sendable (Path) -> Void)?
}
