import Glibc

/// The private directory in which this process makes images and mounts them.
struct MountWorkshop {
    private static let prefix = "repot-matrix-"
    /// Sparse, so only what is written takes room; XFS refuses less than 300 MiB.
    private static let imageSize = 1 << 30

    private let folder: ByteString
    private var mounts: [ByteString] = []

    init() throws {
        guard OrdinaryUser.isRoot else { throw TestError("mounting needs root", code: EPERM) }
        Self.clearUpAfterTheDead()
        folder = Scratch.defaultParent / ByteString("\(Self.prefix)\(getpid())")
        // Open to all, for tests run programs as an ordinary user.
        try TreeBuilder.build(at: folder) { $0.root(Attributes(mode: 0o755)) }
        atexit { FileSystemMatrix.unmountAll() }
    }

    mutating func mount(_ kind: FileSystemKind) throws -> MountedFileSystem {
        let place = try newPlace(kind.rawValue)
        if kind == .tmpfs {
            // Otherwise the machine's memory says how many names there may be, and millions are wanted.
            try mount(["-t", "tmpfs", "-o", "size=1g,mode=755,nr_inodes=0", "tmpfs"], at: place)
        } else {
            let image = place + ".img"
            try Self.makeImage(image)
            try Command.succeed(Self.formatter(kind) + [image])
            try mount(["-t", ByteString(kind.rawValue), "-o", "loop", image], at: place)
        }
        return try MountedFileSystem(kind, at: place)
    }

    mutating func ramfs() throws -> MountedFileSystem {
        let place = try newPlace("ramfs")
        try mount(["-t", "ramfs", "-o", "mode=755", "ramfs"], at: place)
        return try MountedFileSystem(.tmpfs, at: place)
    }

    /// An overlay whose three directories lie on `base`.
    mutating func overlay(
        on base: MountedFileSystem, _ fill: (ByteString) throws -> Void
    ) throws -> MountedFileSystem {
        let place = try newPlace("overlay")
        let name = place.components.last ?? ""
        let layers = base.path / (name + ".layers")
        try TreeBuilder.build(at: layers) { tree in
            for layer: ByteString in ["lower", "upper", "work"] { try tree.directory(layer) }
        }
        try fill(layers / "lower")
        let options = ["lower", "upper", "work"].map { ByteString("\($0)dir=\(layers / ByteString($0))") }
        let list = ByteString(Array(options.map(\.bytes).joined(separator: [UInt8(ascii: ",")])))
        try mount(["-t", "overlay", "-o", list, "overlay"], at: place)
        return try MountedFileSystem(.overlay, at: place, lower: layers / "lower")
    }

    /// Detaches what is mounted, even while someone still has a file open there, and removes the images.
    func close() {
        for place in mounts.reversed() { umount2(place.cString, Linux.detachMount) }
        try? TreeRemoval.remove(folder)
    }

    private func newPlace(_ kind: String) throws -> ByteString {
        let place = folder / ByteString("\(kind)-\(mounts.count)")
        try TreeBuilder.build(at: place) { _ in }
        return place
    }

    /// Tries three times, for another process may snatch the loop device between its choice and its use.
    private mutating func mount(_ arguments: [ByteString], at place: ByteString) throws {
        let command = ["mount"] + arguments + [place]
        mounts.append(place)
        for _ in 1...2 {
            if try Command.run(command).status == 0 { return }
            usleep(100_000)
        }
        try Command.succeed(command)
    }

    private static func makeImage(_ path: ByteString) throws(TestError) {
        let image = try Descriptor.open(path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
        try FileContent.sparse(length: imageSize, data: []).write(to: image)
    }

    /// By full path: /usr/sbin is not in everyone's PATH.
    private static func formatter(_ kind: FileSystemKind) -> [ByteString] {
        switch kind {
        case .xfs: ["/usr/sbin/mkfs.xfs", "-q", "-m", "reflink=1"]
        case .btrfs: ["/usr/sbin/mkfs.btrfs", "-q"]
        default: ["/usr/sbin/mkfs.ext4", "-q", "-F"]
        }
    }
}

extension MountWorkshop {
    /// Unmounts and removes what processes left behind that ended without their exit handlers.
    private static func clearUpAfterTheDead() {
        let parent = Scratch.defaultParent
        guard let names = try? Descriptor.directory(at: parent / ".").names() else { return }
        for name in names where name.bytes.starts(with: ByteString(prefix).bytes) {
            let digits = String(decoding: name.bytes.dropFirst(prefix.utf8.count), as: UTF8.self)
            guard let id = pid_t(digits), kill(id, 0) != 0, errno == ESRCH else { continue }
            detachAll(below: parent / name)
            try? TreeRemoval.remove(parent / name)
        }
    }

    /// Every mount lies on a directory right below its workshop.
    private static func detachAll(below folder: ByteString) {
        let places = (try? Descriptor.directory(at: folder).names()) ?? []
        for place in places { umount2((folder / place).cString, Linux.detachMount) }
    }
}
