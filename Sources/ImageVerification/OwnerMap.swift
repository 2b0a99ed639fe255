import SystemCalls

/// The owners in a user namespace, by those that the machine sees. Source: user_namespaces(7), 'User and group ID
/// mappings'.
public struct OwnerMap: Sendable {
    /// The user and group of numbers that a namespace does not have. Source: proc_sys_kernel(5), 'overflowuid'.
    private static let overflow: UInt32 = 65534

    private struct Extent {
        let inside: UInt64
        let outside: UInt64
        let count: UInt64
    }

    private let users: [Extent]
    private let groups: [Extent]

    /// Reads the content of `/proc/PID/uid_map` and `/proc/PID/gid_map`.
    public init(users: [UInt8], groups: [UInt8]) {
        (self.users, self.groups) = (Self.extents(users), Self.extents(groups))
    }

    private static func extents(_ map: [UInt8]) -> [Extent] {
        String(decoding: map, as: UTF8.self).split(separator: "\n").compactMap { line in
            let numbers = line.split(separator: " ").compactMap { UInt64($0) }
            return numbers.count == 3 ? Extent(inside: numbers[0], outside: numbers[1], count: numbers[2]) : nil
        }
    }

    /// The owner in the namespace.
    func inside(_ owner: Ownership) -> Ownership {
        Ownership(user: Self.inside(owner.user, users), group: Self.inside(owner.group, groups))
    }

    /// The value of `security.capability` that an unpacker in the namespace has set: the kernel adds the user who is
    /// root there. Source: capabilities(7), 'File capability versioning'.
    func inside(capability value: [UInt8]) -> [UInt8] {
        guard value.count == 24, value[3] == 3 else { return value }
        let root = value[20...].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return Self.inside(root, users) == 0 ? value[..<3] + [2] + value[4..<20] : value
    }

    private static func inside(_ number: UInt32, _ extents: [Extent]) -> UInt32 {
        let number = UInt64(number)
        guard let extent = extents.first(where: { number >= $0.outside && number - $0.outside < $0.count }) else {
            return overflow
        }
        return UInt32(clamping: extent.inside + (number - extent.outside))
    }
}
