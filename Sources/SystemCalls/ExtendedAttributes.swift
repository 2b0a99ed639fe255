import CACL
import CLinux
import Glibc
import Synchronization

/// The name of an extended attribute, such as `user.mime_type`. Source: xattr(7).
package struct AttributeName: Hashable, Sendable {
    let cString: [CChar]

    package init(_ text: String) { cString = text.utf8.map(CChar.init(bitPattern:)) + [0] }

    init(_ bytes: ArraySlice<CChar>) { cString = bytes + [0] }

    package var bytes: [UInt8] { cString.dropLast().map(UInt8.init(bitPattern:)) }

    package var text: String { String(decoding: bytes, as: UTF8.self) }

    package static let accessACL = AttributeName("system.posix_acl_access")
    package static let securityLabel = AttributeName("security.selinux")
    package static let defaultACL = AttributeName("system.posix_acl_default")
}

extension AttributeName {
    /// What libattr's policy says of copying the attribute. Source: /etc/xattr.conf.
    package enum CopyPolicy: Sendable { case copy, permissions, skip }

    private static let policies = Mutex<[AttributeName: CopyPolicy]>([:])

    /// Remembered by name under a lock: libattr reads its file at the first call, without one.
    package var copyPolicy: CopyPolicy {
        if self == .accessACL || self == .defaultACL { return .permissions }
        // XFS lists an ACL a second time under these names. Debian's policy skips them; a container built
        // from scratch has no policy file.
        if text.hasPrefix("trusted.SGI_") { return .skip }
        return Self.policies.withLock { known in
            if let policy = known[self] { return policy }
            let policy: CopyPolicy =
                switch attr_copy_action(cString, nil) {
                case ATTR_ACTION_SKIP: .skip
                case ATTR_ACTION_PERMISSIONS: .permissions
                default: .copy
                }
            known[self] = policy
            return policy
        }
    }
}

/// An attribute with its value.
package struct ExtendedAttribute: Hashable, Sendable {
    package let name: AttributeName
    package let value: [UInt8]
}

extension OpenFile where Self: ~Copyable {
    /// flistxattr(2) and, for each name, fgetxattr(2). Empty where the file system has none.
    package func extendedAttributes() throws(Errno) -> [ExtendedAttribute] {
        try readAttributes(
            list: { clinux_flistxattr(raw, $0, $1) }, get: { clinux_fgetxattr(raw, $0, $1, $2) })
    }

    /// fsetxattr(2).
    package func setAttribute(_ attribute: ExtendedAttribute) throws(Errno) {
        try invoke(.setAttribute) {
            clinux_fsetxattr(raw, attribute.name.cString, attribute.value, attribute.value.count)
        }
    }

    /// fremovexattr(2); an attribute that is not there counts as removed.
    package func removeAttribute(_ name: AttributeName) throws(Errno) {
        try whereAbsent(()) { () throws(Errno) in
            try invoke(.removeAttribute) { clinux_fremovexattr(raw, name.cString) }
        }
    }

    /// Whether the attribute is there, by fgetxattr(2) without a buffer.
    package func hasAttribute(_ name: AttributeName) throws(Errno) -> Bool {
        try whereAbsent(false) { () throws(Errno) in
            _ = try invoke(.getAttribute) { clinux_fgetxattr(raw, name.cString, nil, 0) }
            return true
        }
    }

    /// Whether the access ACL says no more than the mode does. Source: acl_equiv_mode(3).
    package func accessACLEqualsMode() throws(Errno) -> Bool {
        guard let acl = acl_get_fd(raw) else { throw Errno(rawValue: errno) }
        defer { acl_free(UnsafeMutableRawPointer(acl)) }
        return acl_equiv_mode(acl, nil) == 0
    }
}

extension Directory {
    /// The attributes of an entry itself, a symlink or a special file too, which cannot be opened.
    package func extendedAttributes(of name: Name) throws(Errno) -> [ExtendedAttribute] {
        let entry = name.cString
        return try readAttributes(
            list: { clinux_list_attributes(raw, entry, $0, $1) },
            get: { clinux_get_attribute(raw, entry, $0, $1, $2) })
    }

    /// lsetxattr(2) on an entry itself.
    package func setAttribute(of name: Name, _ attribute: ExtendedAttribute) throws(Errno) {
        try invoke(.setAttribute) {
            clinux_set_attribute(
                raw, name.cString, attribute.name.cString, attribute.value, attribute.value.count)
        }
    }

    /// lremovexattr(2) on an entry itself. Succeeds if there is no such attribute.
    package func removeAttribute(of name: Name, _ attribute: AttributeName) throws(Errno) {
        try whereAbsent(()) { () throws(Errno) in
            try invoke(.removeAttribute) { clinux_remove_attribute(raw, name.cString, attribute.cString) }
        }
    }
}

/// `absent` where the kernel says that there is no such attribute, or that there are none at all here.
private func whereAbsent<R>(_ absent: R, _ body: () throws(Errno) -> R) throws(Errno) -> R {
    do throws(Errno) { return try body() } catch {
        guard error == .noData || error == .notSupported else { throw error }
        return absent
    }
}

private func readAttributes(
    list: (UnsafeMutablePointer<CChar>?, Int) -> Int,
    get: (UnsafePointer<CChar>, UnsafeMutableRawPointer?, Int) -> Int
) throws(Errno) -> [ExtendedAttribute] {
    let names = try whereAbsent([]) { () throws(Errno) in try listNames(list) }
    var attributes: [ExtendedAttribute] = []
    for name in names {
        let value = try whereAbsent(nil) { () throws(Errno) in try readValue { get(name.cString, $0, $1) } }
        guard let value else { continue }
        attributes.append(ExtendedAttribute(name: name, value: value))
    }
    return attributes
}

private func listNames(_ list: (UnsafeMutablePointer<CChar>?, Int) -> Int) throws(Errno) -> [AttributeName] {
    try withGrowingBuffer(from: 256) { buffer throws(Errno) in
        let count = try invoke(.listAttributes) { list(buffer.baseAddress, buffer.count) }
        guard count > 0 else { return [] }
        return buffer[..<count].split(separator: 0).map { AttributeName(Array($0)[...]) }
    }
}

private func readValue(_ get: (UnsafeMutableRawPointer?, Int) -> Int) throws(Errno) -> [UInt8]? {
    try withGrowingBuffer(from: 256) { buffer throws(Errno) in
        let count = try invoke(.getAttribute) { get(buffer.baseAddress, buffer.count) }
        return buffer[..<count].map(UInt8.init(bitPattern:))
    }
}

/// A first buffer on the stack for the usual case, then larger ones as long as the kernel says ERANGE.
private func withGrowingBuffer<R>(
    from first: Int, _ body: (UnsafeMutableBufferPointer<CChar>) throws(Errno) -> R
) throws(Errno) -> R {
    var capacity = first
    while true {
        do throws(Errno) {
            return try withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity, body)
        } catch {
            guard error == .range, capacity < 1 << 20 else { throw error }
            capacity *= 16
        }
    }
}
