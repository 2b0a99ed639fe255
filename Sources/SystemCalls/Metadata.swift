import CLinux
import Glibc

/// What an entry is. Source: inode(7), 'The file type and mode'.
package enum FileKind: Hashable, Sendable {
    case regular, directory, symlink, fifo, socket, characterDevice, blockDevice

    init?(mode: UInt32) {
        switch mode & S_IFMT {
        case S_IFREG: self = .regular
        case S_IFDIR: self = .directory
        case S_IFLNK: self = .symlink
        case S_IFIFO: self = .fifo
        case S_IFSOCK: self = .socket
        case S_IFCHR: self = .characterDevice
        case S_IFBLK: self = .blockDevice
        default: return nil
        }
    }

    /// The kind that a directory entry claims; nil for DT_UNKNOWN, which some file systems answer.
    init?(entryType: UInt8) { self.init(mode: UInt32(entryType) << 12) }

    var modeBits: UInt32 {
        switch self {
        case .regular: S_IFREG
        case .directory: S_IFDIR
        case .symlink: S_IFLNK
        case .fifo: S_IFIFO
        case .socket: S_IFSOCK
        case .characterDevice: S_IFCHR
        case .blockDevice: S_IFBLK
        }
    }
}

/// A point in time with nanoseconds; seconds are negative before 1970.
package struct Timestamp: Hashable, Comparable, Sendable {
    package var seconds: Int64
    package var nanoseconds: UInt32

    package init(seconds: Int64, nanoseconds: UInt32) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    package static func < (a: Timestamp, b: Timestamp) -> Bool {
        (a.seconds, a.nanoseconds) < (b.seconds, b.nanoseconds)
    }

    var timespec: timespec { Glibc.timespec(tv_sec: Int(seconds), tv_nsec: Int(nanoseconds)) }
}

/// One inode among all mounted file systems.
package struct FileIdentity: Hashable, Sendable {
    package let device: UInt64
    package let inode: UInt64
}

/// Permission bits with set-id and sticky: the lower twelve of `st_mode`. Source: inode(7).
package struct FileMode: OptionSet, Hashable, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue & 0o7777 }

    package static let setUser = FileMode(rawValue: 0o4000)
    package static let setGroup = FileMode(rawValue: 0o2000)
    package static let sticky = FileMode(rawValue: 0o1000)
    package static let special = FileMode(rawValue: 0o7000)
    package static let ownerAll = FileMode(rawValue: 0o700)
    package static let ownerExecute = FileMode(rawValue: 0o100)
    package static let ownerReadWrite = FileMode(rawValue: 0o600)
    package static let permissions = FileMode(rawValue: 0o777)
    /// Write permission of the group and of others.
    package static let writeByOthers = FileMode(rawValue: 0o022)
}

/// The operations of `OptionSet`. Without these, other modules would call the default ones through protocol witnesses,
/// for each file.
extension FileMode {
    package func contains(_ other: FileMode) -> Bool { rawValue & other.rawValue == other.rawValue }
    package func isSuperset(of other: FileMode) -> Bool { contains(other) }
    package func isDisjoint(with other: FileMode) -> Bool { rawValue & other.rawValue == 0 }
    package func intersection(_ other: FileMode) -> FileMode { FileMode(rawValue: rawValue & other.rawValue) }
    package func union(_ other: FileMode) -> FileMode { FileMode(rawValue: rawValue | other.rawValue) }
    package func subtracting(_ other: FileMode) -> FileMode { FileMode(rawValue: rawValue & ~other.rawValue) }
}

/// A user and a group by number; names are never looked up. Source: credentials(7).
public struct Ownership: Hashable, Sendable {
    /// The owner's number.
    public var user: UInt32
    /// The group's number.
    public var group: UInt32

    /// An owner and a group.
    public init(user: UInt32, group: UInt32) {
        self.user = user
        self.group = group
    }
}

/// What statx(2) tells of an inode, as far as copying needs it.
package struct Metadata: Sendable {
    package let kind: FileKind
    package let mode: FileMode
    package let owner: Ownership
    package let links: UInt32
    package let identity: FileIdentity
    /// The mount, so that bind mounts differ; 0 before Linux 5.8.
    package let mount: UInt64
    package let size: Int64
    /// Bytes allocated; fewer than `size` where there are holes or compression.
    package let allocated: Int64
    package let accessed: Timestamp
    package let modified: Timestamp
    package let changed: Timestamp
    package let special: DeviceNumber
    /// Whether the inode is immutable or append-only: chattr(1) with `i` or `a`. Such a file takes no links, and the
    /// entries of such a directory cannot be renamed or removed.
    package let isImmutable: Bool

    /// Whether another user may have put this entry into the directory, which all users may write to and which is
    /// sticky, as /tmp.
    package func isForeign(in directory: Metadata) -> Bool {
        directory.mode.isSuperset(of: FileMode(rawValue: 0o1002)) && owner.user != directory.owner.user
            && owner.user != ProcessState.effectiveOwner.user
    }

    init(_ raw: clinux_statx) throws(Errno) {
        guard let kind = FileKind(mode: raw.mode) else { throw .invalid }
        self.kind = kind
        mode = FileMode(rawValue: raw.mode)
        owner = Ownership(user: raw.user, group: raw.group)
        links = raw.links
        let device = UInt64(raw.device_major) << 32 | UInt64(raw.device_minor)
        identity = FileIdentity(device: device, inode: raw.inode)
        mount = raw.mount
        size = Int64(clamping: raw.size)
        let (allocated, isTooLarge) = raw.blocks.multipliedReportingOverflow(by: 512)
        self.allocated = isTooLarge ? .max : Int64(clamping: allocated)
        accessed = Timestamp(seconds: raw.access_seconds, nanoseconds: raw.access_nanoseconds)
        modified = Timestamp(seconds: raw.modify_seconds, nanoseconds: raw.modify_nanoseconds)
        changed = Timestamp(seconds: raw.change_seconds, nanoseconds: raw.change_nanoseconds)
        special = DeviceNumber(major: raw.special_major, minor: raw.special_minor)
        isImmutable = raw.is_immutable != 0
    }
}

/// The device that a device node stands for. Source: makedev(3).
package struct DeviceNumber: Hashable, Sendable {
    package let major: UInt32
    package let minor: UInt32

    package init(major: UInt32, minor: UInt32) {
        self.major = major
        self.minor = minor
    }
}
