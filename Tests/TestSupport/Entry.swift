import Glibc

/// The types of entry a Linux file system knows.
public enum EntryKind: String, Sendable, CaseIterable {
    case regular = "file"
    case directory
    case symbolicLink = "symbolic link"
    case fifo = "FIFO"
    case socket
    case characterDevice = "character device"
    case blockDevice = "block device"

    init?(mode: mode_t) {
        switch mode & S_IFMT {
        case S_IFREG: self = .regular
        case S_IFDIR: self = .directory
        case S_IFLNK: self = .symbolicLink
        case S_IFIFO: self = .fifo
        case S_IFSOCK: self = .socket
        case S_IFCHR: self = .characterDevice
        case S_IFBLK: self = .blockDevice
        default: return nil
        }
    }
}

/// All that can be known of one entry of a tree, short of its name and its creation and change times.
public struct Entry: Sendable {
    /// What it is.
    public let kind: EntryKind
    /// The permissions with the set-id and sticky bits: 07777.
    public let mode: UInt16
    /// The user it belongs to.
    public let owner: UInt32
    /// The group it belongs to.
    public let group: UInt32
    /// In bytes; for directories whatever the file system likes.
    public let size: Int
    /// When its content changed last.
    public let modified: Timestamp
    /// As it was before the snapshot read the entry.
    public let accessed: Timestamp
    /// Bytes the file system holds for it, which counts what belongs to extended attributes on some.
    public let allocated: Int
    /// How many names the inode has, within the tree or not.
    public let linkCount: Int
    /// For devices only.
    public let device: DeviceNumber?
    /// For symbolic links only.
    public internal(set) var target: ByteString?
    /// For regular files only.
    public internal(set) var digest: ContentDigest?
    /// Where a regular file has data rather than holes, in whole blocks of 4096 bytes.
    public internal(set) var extents: [Range<Int>] = []
    /// Includes `system.posix_acl_access` and `system.posix_acl_default`.
    public internal(set) var attributes: [ByteString: [UInt8]] = [:]

    let identity: Identity

    init(_ status: stat, _ kind: EntryKind) {
        self.kind = kind
        mode = UInt16(status.st_mode & 0o7777)
        owner = status.st_uid
        group = status.st_gid
        size = Int(status.st_size)
        modified = Timestamp(status.st_mtim)
        accessed = Timestamp(status.st_atim)
        allocated = Int(status.st_blocks) * 512
        linkCount = Int(status.st_nlink)
        let isDevice = kind == .characterDevice || kind == .blockDevice
        device = isDevice ? DeviceNumber(UInt64(status.st_rdev)) : nil
        identity = Identity(status)
    }
}

extension Entry {
    /// Reads the entry `name` of `directory` completely; a regular file is read to its end.
    static func read(_ name: ByteString, in directory: Descriptor) throws(TestError) -> Entry {
        let status = try directory.status(of: name)
        guard let kind = EntryKind(mode: status.st_mode) else {
            throw TestError("an entry of unknown type", path: name)
        }
        var entry = Entry(status, kind)
        entry.attributes = try AttributeStore(of: name, in: directory).all()
        if kind == .symbolicLink { entry.target = try readTarget(name, in: directory) }
        if kind == .regular { try entry.readContent(name, in: directory) }
        return entry
    }

    private static func readTarget(
        _ name: ByteString, in directory: Descriptor
    ) throws(TestError) -> ByteString {
        var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = try check("readlink", name) {
            bytes.withUnsafeMutableBytes { buffer in
                let start = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
                return start.map { readlinkat(directory.number, name.cString, $0, buffer.count) } ?? 0
            }
        }
        return ByteString(Array(bytes.prefix(count)))
    }

    /// Asks for the extents first: reading fills the page cache, and cached zeros may count as data.
    private mutating func readContent(_ name: ByteString, in directory: Descriptor) throws(TestError) {
        let reading = FileReading(file: try directory.openQuietly(name), size: size)
        extents = try reading.extents()
        digest = try reading.digest(of: extents)
    }
}
