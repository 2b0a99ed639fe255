import Synchronization
import SystemCalls

/// What is known of one strategy between two mounts: untried, works, or refused for this reason.
///
/// Before the first success an error of the strategy's list means 'not here', for every file; after
/// it, the same error is about one file (an immutable one, a mount point) and that file alone steps down.
final class StrategyRung: Sendable {
    enum State: Equatable { case untried, works, refused(Errno) }

    private let value = Atomic<Int>(0)

    var state: State {
        switch value.load(ordering: .relaxed) {
        case 0: .untried
        case 1: .works
        case let number: .refused(Errno(rawValue: Int32(number - 2)))
        }
    }

    /// True once another worker's success is known, too; a late success never hides a refusal.
    func noteSuccess() {
        guard value.load(ordering: .relaxed) == 0 else { return }
        _ = value.compareExchange(expected: 0, desired: 1, ordering: .relaxed)
    }

    /// Two workers may both meet the first refusal; either's reason will do.
    func noteRefusal(_ errno: Errno) {
        _ = value.compareExchange(expected: 0, desired: Int(errno.rawValue) + 2, ordering: .relaxed)
    }

    /// For refusals that hold whatever worked before.
    func refuse(_ errno: Errno) { value.store(Int(errno.rawValue) + 2, ordering: .relaxed) }

    var isOpen: Bool { value.load(ordering: .relaxed) < 2 }
}

/// The memory of one pair of mounts: which strategies work from the one to the other.
final class StrategyLadder: Sendable {
    let source: UInt64
    let destination: UInt64
    let hardlink = StrategyRung()
    let reflink = StrategyRung()
    /// Not a strategy of its own: copying large files inside the kernel, by copy_file_range(2).
    let range = StrategyRung()
    /// Neither: reading only what is in the page cache, to learn what is not.
    let cachedRead = StrategyRung()
    /// The source is an overlay: linking a file of a lower layer would copy it up first.
    let isOverlay: Bool
    /// A directory on the source mount, to name the pair by.
    let example: Path
    let fileSystems: String

    init(source: UInt64, destination: UInt64, isOverlay: Bool, example: Path, fileSystems: String) {
        self.source = source
        self.destination = destination
        self.isOverlay = isOverlay
        self.example = example
        self.fileSystems = fileSystems
    }
}

extension Errno {
    /// Between these mounts, or for this file, there are no hard links. Never EIO, ENOSPC or EDQUOT.
    /// Sources: link(2); EACCES is what some network and FUSE file systems answer.
    var refusesLink: Bool {
        [.crossesMount, .notPermitted, .accessDenied, .notSupported, .notImplemented, .invalid].contains(self)
    }

    /// There are no reflinks. Source: ioctl_ficlone(2).
    var refusesClone: Bool {
        [
            .notSupported, .crossesMount, .invalid, .notTerminal, .textBusy, .notImplemented, .notPermitted,
            .accessDenied, .badDescriptor,
        ].contains(self)
    }

    /// copy_file_range(2) is of no use here, and read(2) with write(2) takes over. EACCES: fuse-overlayfs
    /// re-opens the read-only file. EFBIG: the offset limit of some kernels.
    var refusesRange: Bool {
        [
            .notSupported, .crossesMount, .invalid, .notImplemented, .notPermitted, .accessDenied, .tooBig,
            .textBusy, .isDirectory, .notFound,
        ].contains(self)
    }

    /// Nothing more can be written: going on would fail for every file that follows. EROFS may be about one folder, or
    /// one file, with a mount of its own.
    var endsRun: Bool { [.noSpace, .quotaExceeded].contains(self) }

    /// The reason in the words of the final line.
    var plainReason: String {
        switch self {
        case .crossesMount: "crosses a mount"
        case .notPermitted: "not permitted, as for other users' or immutable files"
        case .notSupported, .notTerminal, .notImplemented, .invalid: "not supported here"
        case .tooManyLinks: "the inode has all the links it can take"
        case .copiesUp: "the kernel would copy it up from a lower layer first"
        case .isEmptyFile: "empty files are not shared"
        case .differsInMetadata: "owner or time has to differ"
        default: message.lowercased()
        }
    }
}

/// Reasons of our own for not linking, as numbers that no system call returns.
extension Errno {
    static let copiesUp = Errno(rawValue: 10_001)
    static let isEmptyFile = Errno(rawValue: 10_002)
    static let differsInMetadata = Errno(rawValue: 10_003)

    var isOwn: Bool { rawValue > 10_000 }
}

/// All pairs of mounts that a run has met.
final class StrategyLadders: Sendable {
    private struct Pair: Hashable {
        let source: UInt64
        let destination: UInt64
    }

    private static let overlay: Int64 = 0x794c_7630
    /// Where copy_file_range(2) shares nothing, if FICLONE does not, and is read and write by way of a pipe: on ext4 a
    /// large file takes 1.2 times as long as with read(2) and write(2) of a megabyte.
    private static let splicing: Set<Int64> = [0xef53, 0x0102_1994, overlay]
    private static let names: [Int64: String] = [
        0xef53: "ext4", 0x5846_5342: "xfs", 0x9123_683e: "btrfs", 0x0102_1994: "tmpfs", overlay: "overlay",
        0x6969: "nfs", 0x6573_5546: "fuse", 0x0102_1997: "9p", 0x2fc1_2fc1: "zfs", 0xf2f5_2010: "f2fs",
        0x8584_58f6: "ramfs", 0x9fa0: "proc", 0x7371_7368: "squashfs", 0xe0f5_e1e2: "erofs",
    ]

    private let ladders = Mutex<[Pair: StrategyLadder]>([:])

    /// The memory of the pair; made at the first directory that needs it.
    func ladder(
        from source: Directory, mount: UInt64, to destination: Directory, mount other: UInt64, example: () -> Path
    ) -> StrategyLadder {
        ladders.withLock { known in
            let pair = Pair(source: mount, destination: other)
            if let ladder = known[pair] { return ladder }
            // A type that cannot be read is one that needs no special care.
            let from = (try? source.fileSystemType()) ?? 0
            let to = (try? destination.fileSystemType()) ?? 0
            let ladder = StrategyLadder(
                source: mount, destination: other, isOverlay: from == Self.overlay, example: example(),
                fileSystems: "\(Self.name(from)) to \(Self.name(to))")
            if Self.splicing.contains(to) { ladder.range.refuse(.notSupported) }
            known[pair] = ladder
            return ladder
        }
    }

    var all: [StrategyLadder] { ladders.withLock { $0.values.sorted { $0.example < $1.example } } }

    private static func name(_ type: Int64) -> String { names[type] ?? "0x" + String(type, radix: 16) }
}
