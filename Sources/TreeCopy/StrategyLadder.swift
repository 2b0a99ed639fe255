import SystemCalls

/// Where links reach: a mount, and in it what has one device number, since a btrfs subvolume takes no links from another.
struct Volume: Hashable, Comparable {
    /// 0 before Linux 5.8.
    let mount: UInt64
    let device: UInt64

    static func < (left: Volume, right: Volume) -> Bool {
        (left.mount, left.device) < (right.mount, right.device)
    }
}

extension Metadata {
    var volume: Volume { Volume(mount: mount, device: identity.device) }
}

/// The memory of one pair of volumes: which strategies work from the one to the other.
final class StrategyLadder: Sendable {
    let source: Volume
    let destination: Volume
    let hardlink = StrategyRung()
    let protectedOwners = ProtectedOwners()
    let reflink = StrategyRung()
    /// Not a strategy of its own: copying large files inside the kernel, by copy_file_range(2).
    let range = StrategyRung()
    /// Neither: reading only what is in the page cache, to learn what is not.
    let cachedRead = StrategyRung()
    let types: StrategyLadders.Types
    /// The source is an overlay: linking a file of a lower layer would copy it up first.
    var isOverlay: Bool { types.isOverlay }

    init(source: Volume, destination: Volume, types: StrategyLadders.Types) {
        self.source = source
        self.destination = destination
        self.types = types
        if types.prefersReadAndWrite { range.refuse(.notSupported) }
    }

    /// Decides whether the refusal of one file holds for others. It does not for a file that something is mounted on,
    /// nor without proof if each refusal is an error that has to be true (`isStrict`).
    func learn(_ errno: Errno, of file: Metadata, on rung: StrategyRung, isStrict: Bool) {
        guard file.mount == source.mount else { return rung.noteException(errno) }
        if isProof(errno, of: file) {
            rung.refuse(errno)
        } else if isStrict {
            rung.noteException(errno)
        } else {
            rung.noteDoubt(errno)
        }
    }

    /// Within one volume EXDEV is about the file: its project (ext4, xfs), or its layer (an overlay).
    private func isProof(_ errno: Errno, of file: Metadata) -> Bool {
        if [.notSupported, .notTerminal, .notImplemented].contains(errno) { return true }
        guard errno == .crossesMount else { return false }
        if source.mount != destination.mount { return true }
        return file.volume == source && source != destination
    }
}

extension Errno {
    /// Whether a link is refused between these mounts or for this file, so that a copy takes its place. The other
    /// errors are about the names, which a copy needs too. Source: link(2).
    var refusesLink: Bool { !isFatal && ![.notFound, .notDirectory, .nameTooLong, .loop].contains(self) }

    /// Whether nothing more can be written. EROFS can be about one directory or file that is a mount of its own.
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
