import Glibc
import Inputs
import Measuring
import TestSupport

/// Fresh file systems, or where none can be mounted a fresh directory, in which contenders meet.
///
/// Nothing is ever deleted in them: ext4 is slower where inodes were just deleted. They go as a whole.
struct Arena {
    /// Where the workload is to be made.
    let source: ByteString
    private let path: ByteString
    private let ground: Ground
    /// What was mounted, in this order; only the first holds anything where the others lie over it.
    private var mounts: [ByteString] = []
    private var overlays = 0

    /// - Parameter room: how many bytes will be written.
    init(_ ground: Ground, room: Int, in workshop: Workshop) throws {
        self.ground = ground
        path = workshop.path / "arena"
        source = ground.source == .overlay ? path / "from/lower/source" : path / "from/source"
        try Command.succeed(["mkdir", "-p", path / "from", path / "to"])
        guard workshop.obstacle == nil else { return }
        let folder = Self.imageFolder(for: room, ground, workshop)
        try mount(ground.source == .overlay ? .ext4 : ground.source, at: path / "from", room, folder)
        if ground.source != ground.destination { try mount(ground.destination, at: path / "to", room, folder) }
        if ground.source == .overlay { try Command.succeed(["mkdir", path / "from/lower"]) }
    }

    /// Where a run copies from and to.
    ///
    /// - Parameters:
    ///   - copy: a name for the destination that no other has.
    ///   - contender: a name for what the contender prepares.
    mutating func places(for workload: Workload, copy: ByteString, contender: ByteString) throws -> Places {
        if ground.source == .overlay {
            let merged = try mountOverlay()
            return Places(
                root: merged / "source", workload, destination: merged / copy, own: merged / "own-\(contender)")
        }
        let side = path / (ground.source == ground.destination ? "from" : "to")
        return Places(root: source, workload, destination: side / copy, own: side / "own-\(contender)")
    }

    /// Writes back what is dirty, so that nobody pays for somebody else's bytes.
    func settle() throws {
        for place in mounts.isEmpty ? [path] : mounts { try Command.succeed(["sync", "-f", place]) }
    }

    /// Makes the kernel forget all files, programs included; needs root.
    static func dropCaches() throws {
        try TextFile.write("3\n", to: "/proc/sys/vm/drop_caches")
    }

    /// Takes it all away.
    func close() throws {
        for place in mounts.reversed() { try Command.succeed(["umount", place]) }
        try Command.succeed(["rm", "-rf", "--", path])
    }
}

extension Arena {
    private mutating func mount(
        _ kind: FileSystemKind, at place: ByteString, _ room: Int, _ folder: ByteString
    ) throws {
        if kind == .tmpfs {
            try Command.succeed(["mount", "-t", "tmpfs", "-o", "size=90%,mode=755", "tmpfs", place])
        } else {
            try mountImage(of: kind, at: place, room, in: folder)
        }
        mounts.append(place)
    }

    /// The image has no name any more once it is mounted: the kernel frees it with the mount.
    private func mountImage(of kind: FileSystemKind, at place: ByteString, _ room: Int, in folder: ByteString) throws {
        let image = folder / "repot-benchmark-\(getpid()).img"
        let outcome = Result {
            try Command.succeed(["truncate", "-s", "\(max(16 << 30, room * 3 / 2))", image])
            try Command.succeed(Self.formatter(kind) + [image])
            try Command.succeed(["mount", "-t", ByteString(kind.rawValue), "-o", "loop", image, place])
        }
        let code = unlink(image.description) == 0 ? 0 : errno
        _ = try outcome.get()
        // It would stay behind, and be taken for the next one.
        if code != 0 { throw TestError("unlink", code: code, path: image) }
    }

    /// A new upper layer over the same source: what one run copied up, the next has to copy up again.
    private mutating func mountOverlay() throws -> ByteString {
        overlays += 1
        let (upper, work) = (path / "from/upper-\(overlays)", path / "from/work-\(overlays)")
        let merged = path / "merged-\(overlays)"
        try Command.succeed(["mkdir", upper, work, merged])
        let layers = "lowerdir=" + path + "/from/lower,upperdir=" + upper + ",workdir=" + work
        try Command.succeed(["mount", "-t", "overlay", "-o", layers, "overlay", merged])
        mounts.append(merged)
        return merged
    }

    /// By full path: /usr/sbin is not in everyone's PATH.
    private static func formatter(_ kind: FileSystemKind) -> [ByteString] {
        switch kind {
        case .xfs: ["/usr/sbin/mkfs.xfs", "-q", "-m", "reflink=1"]
        case .btrfs: ["/usr/sbin/mkfs.btrfs", "-q"]
        // Room for four million inodes: by itself it has one for every 16 KiB, and trees of small files need more.
        default: ["/usr/sbin/mkfs.ext4", "-q", "-F", "-i", "4096"]
        }
    }

    /// Memory is the quietest disk, but never cold. What is written there takes it twice: in the image and in the
    /// page cache.
    private static func imageFolder(for room: Int, _ ground: Ground, _ workshop: Workshop) -> ByteString {
        if Machine.availableMemory > room * 3 / 2, !ground.isCold { return workshop.path }
        return ByteString(getenv("TMPDIR").map { String(cString: $0) } ?? "/var/tmp")
    }
}
