import Glibc
import Measuring
import TestSupport

/// A fresh file system, or where none can be mounted a fresh directory, in which contenders meet.
///
/// Nothing is ever deleted in it: ext4 is slower where inodes were just deleted. It goes as a whole.
struct Arena {
    /// Where sources and copies are put.
    let path: ByteString
    private let isMounted: Bool

    /// - Parameter room: how many bytes will be written.
    init(_ kind: FileSystemKind, room: Int, in workshop: Workshop) throws {
        path = workshop.path / "arena"
        isMounted = workshop.obstacle == nil
        try Command.succeed(["mkdir", "-p", path])
        guard isMounted else { return }
        if kind == .tmpfs {
            try Command.succeed(["mount", "-t", "tmpfs", "-o", "size=16g,mode=755", "tmpfs", path])
        } else {
            try mountImage(of: kind, in: Self.imageFolder(for: room, workshop))
        }
    }

    /// Takes it all away.
    func close() throws {
        try Command.succeed(isMounted ? ["umount", path] : ["rm", "-rf", "--", path])
    }

    /// Writes back what is dirty, so that nobody pays for somebody else's bytes.
    func settle() throws {
        try Command.succeed(["sync", "-f", path])
    }

    /// The image has no name any more once it is mounted: the kernel frees it with the mount.
    private func mountImage(of kind: FileSystemKind, in folder: ByteString) throws {
        let image = folder / "repot-benchmark-\(getpid()).img"
        defer { unlink(image.description) }
        try Command.succeed(["truncate", "-s", "16G", image])
        try Command.succeed(Self.formatter(kind) + [image])
        try Command.succeed(["mount", "-t", ByteString(kind.rawValue), "-o", "loop", image, path])
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

    /// Memory is the quietest disk. What is written there takes it twice: in the image and in the page cache.
    private static func imageFolder(for room: Int, _ workshop: Workshop) -> ByteString {
        if Machine.availableMemory > room * 3 / 2 { return workshop.path }
        return ByteString(getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp")
    }
}
