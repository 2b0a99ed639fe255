/// A POSIX access control list in the form the kernel takes as an extended attribute.
public struct AccessList: Hashable, Sendable {
    /// What an entry of the list allows.
    public struct Permissions: OptionSet, Hashable, Sendable {
        /// The bits as `chmod` has them.
        public let rawValue: UInt16

        /// Takes the bits as `chmod` has them.
        public init(rawValue: UInt16) {
            self.rawValue = rawValue
        }

        /// To read a file or to list a directory.
        public static let read = Permissions(rawValue: 4)
        /// To write a file or to change the entries of a directory.
        public static let write = Permissions(rawValue: 2)
        /// To run a file or to pass through a directory.
        public static let execute = Permissions(rawValue: 1)
        /// All three of them.
        public static let all: Permissions = [.read, .write, .execute]
    }

    /// One line of the list. A list with a named user or group needs a mask.
    public enum Entry: Hashable, Sendable {
        case owner(Permissions)
        case user(UInt32, Permissions)
        case owningGroup(Permissions)
        case group(UInt32, Permissions)
        case mask(Permissions)
        case other(Permissions)
    }

    /// The attribute that holds the list in force.
    public static let accessName: ByteString = "system.posix_acl_access"
    /// The attribute of a directory that holds the list its new entries get.
    public static let defaultName: ByteString = "system.posix_acl_default"

    /// The lines, in any order.
    public var entries: [Entry]

    /// Makes a list of these lines, which must be complete: owner, owning group, other.
    public init(_ entries: [Entry]) {
        self.entries = entries
    }

    /// A list that lets one more user in.
    public static func allowing(user: UInt32, _ permissions: Permissions) -> AccessList {
        AccessList([
            .owner(.all), .user(user, permissions), .owningGroup([.read, .execute]), .mask(.all), .other([]),
        ])
    }

    /// The kernel wants the entries in the order of their tags, then of their ids.
    public var encoded: [UInt8] {
        let version: UInt32 = 2
        let fields = entries.map(\.fields).sorted { ($0.tag, $0.id) < ($1.tag, $1.id) }
        return version.littleEndianBytes
            + fields.flatMap { field in
                field.tag.littleEndianBytes + field.permissions.littleEndianBytes + field.id.littleEndianBytes
            }
    }
}

extension AccessList.Entry {
    fileprivate var fields: (tag: UInt16, permissions: UInt16, id: UInt32) {
        // Entries without an id carry this one.
        let none = UInt32.max
        return switch self {
        case .owner(let permissions): (0x01, permissions.rawValue, none)
        case .user(let id, let permissions): (0x02, permissions.rawValue, id)
        case .owningGroup(let permissions): (0x04, permissions.rawValue, none)
        case .group(let id, let permissions): (0x08, permissions.rawValue, id)
        case .mask(let permissions): (0x10, permissions.rawValue, none)
        case .other(let permissions): (0x20, permissions.rawValue, none)
        }
    }
}

/// File capabilities, which `chown` and writing take away and a copier must therefore set last.
public enum FileCapability {
    /// The attribute that holds them.
    public static let name: ByteString = "security.capability"

    /// The attribute's value, of revision 2, for capabilities 0 to 31, effective at once.
    public static func encoded(_ numbers: [Int]) -> [UInt8] {
        let revision: UInt32 = 0x0200_0001
        let permitted = numbers.reduce(UInt32(0)) { $0 | 1 << UInt32($1) }
        return [revision, permitted, 0, 0, 0].flatMap(\.littleEndianBytes)
    }

    /// CAP_NET_BIND_SERVICE, harmless and common.
    public static let netBindService = encoded([10])
}

extension FixedWidthInteger {
    fileprivate var littleEndianBytes: [UInt8] {
        withUnsafeBytes(of: littleEndian) { Array($0) }
    }
}
