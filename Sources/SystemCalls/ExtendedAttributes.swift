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
    package static let defaultACL = AttributeName("system.posix_acl_default")
}

extension AttributeName {
    /// How an attribute is copied.
    package enum CopyPolicy: Sendable {
        /// The attribute belongs to the file.
        case copy
        /// The attribute is an ACL, and is kept with the mode.
        case permissions
        /// The attribute belongs to the machine or the file system of the source. It is set where that is possible.
        case ifPossible
        /// The attribute must not be copied.
        case skip
    }

    /// The state of an overlay and of XFS's own ACLs, which are listed a second time as POSIX ACLs, and properties of a
    /// btrfs inode.
    private static let internals = ["trusted.SGI_", "trusted.overlay.", "user.overlay.", "btrfs."]
    /// Labels and signatures of security modules, whose policy at the destination decides, and ACLs that only NFS and
    /// a few other file systems have.
    private static let local: Set<String> = ["security.selinux", "security.ima", "system.nfs4_acl", "system.nfs4acl"]
    private static let policies = Mutex<[AttributeName: CopyPolicy]>([:])

    /// The policy of the attribute. The rules of libattr apply to attributes that have none here, and are cached by
    /// name: libattr reads its file at the first call, without a lock, and a container can lack the file.
    package var copyPolicy: CopyPolicy {
        if self == .accessACL || self == .defaultACL { return .permissions }
        return Self.policies.withLock { known in
            if let policy = known[self] { return policy }
            let policy = findPolicy()
            known[self] = policy
            return policy
        }
    }

    /// Source: /etc/xattr.conf.
    private func findPolicy() -> CopyPolicy {
        let text = text
        if Self.internals.contains(where: { text.hasPrefix($0) }) { return .skip }
        if Self.local.contains(text) { return .ifPossible }
        return attr_copy_action(cString, nil) == ATTR_ACTION_SKIP ? .skip : .copy
    }

    /// Whether only a privileged process may set the attribute. Source: xattr(7).
    package var needsPrivilege: Bool { text.hasPrefix("security.") || text.hasPrefix("trusted.") }
}

/// An attribute with its value.
package struct ExtendedAttribute: Hashable, Sendable {
    package let name: AttributeName
    package let value: [UInt8]
}

/// The attributes that were read from a file.
package struct AttributeReading: Sendable {
    /// A failure to read an attribute, or the list of all if it has no name.
    package struct Failure: Sendable {
        package let name: AttributeName?
        package let errno: Errno
    }

    package var values: [ExtendedAttribute] = []
    package var failures: [Failure] = []
}

extension OpenFile where Self: ~Copyable {
    /// flistxattr(2) and, for each name that is wanted, fgetxattr(2). Empty where the file system has no attributes.
    package func attributes(where isWanted: (AttributeName) -> Bool = { _ in true }) -> AttributeReading {
        readAttributes(
            where: isWanted, list: { clinux_flistxattr(raw, $0, $1) }, get: { clinux_fgetxattr(raw, $0, $1, $2) })
    }

    /// The names of all attributes, by flistxattr(2). Empty where the file system has no attributes.
    package func attributeNames() throws(Errno) -> [AttributeName] {
        try whereAbsent([]) { () throws(Errno) in try listNames { clinux_flistxattr(raw, $0, $1) } }
    }

    /// All attributes, or the first failure to read them.
    package func extendedAttributes() throws(Errno) -> [ExtendedAttribute] { try attributes().complete() }

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

    /// Whether the access ACL grants what the mode grants; false if it cannot be read. Source: acl_equiv_mode(3).
    package var accessACLEqualsMode: Bool {
        guard let acl = acl_get_fd(raw) else { return false }
        defer { acl_free(UnsafeMutableRawPointer(acl)) }
        return acl_equiv_mode(acl, nil) == 0
    }
}

extension Directory {
    /// The wanted attributes of an entry itself, also of a symlink or a special file, which cannot be opened.
    package func attributes(
        of name: Name, where isWanted: (AttributeName) -> Bool = { _ in true }
    ) -> AttributeReading {
        let entry = name.cString
        return readAttributes(
            where: isWanted, list: { clinux_list_attributes(raw, entry, $0, $1) },
            get: { clinux_get_attribute(raw, entry, $0, $1, $2) })
    }

    /// The names of all attributes of an entry itself. Empty where the file system has no attributes.
    package func attributeNames(of name: Name) throws(Errno) -> [AttributeName] {
        try whereAbsent([]) { () throws(Errno) in
            try listNames { clinux_list_attributes(raw, name.cString, $0, $1) }
        }
    }

    /// All attributes of an entry itself, or the first failure to read them.
    package func extendedAttributes(of name: Name) throws(Errno) -> [ExtendedAttribute] {
        try attributes(of: name).complete()
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

/// Returns `absent` if the attribute does not exist, or if the file system has no attributes.
private func whereAbsent<R>(_ absent: R, _ body: () throws(Errno) -> R) throws(Errno) -> R {
    do throws(Errno) { return try body() } catch {
        guard error == .noData || error == .notSupported else { throw error }
        return absent
    }
}

extension AttributeReading {
    fileprivate func complete() throws(Errno) -> [ExtendedAttribute] {
        if let failure = failures.first { throw failure.errno }
        return values
    }
}

private func readAttributes(
    where isWanted: (AttributeName) -> Bool, list: (UnsafeMutablePointer<CChar>?, Int) -> Int,
    get: (UnsafePointer<CChar>, UnsafeMutableRawPointer?, Int) -> Int
) -> AttributeReading {
    var reading = AttributeReading()
    do throws(Errno) {
        let names = try whereAbsent([]) { () throws(Errno) in try listNames(list) }
        for name in names where isWanted(name) {
            do throws(Errno) {
                let value = try whereAbsent(nil) { () throws(Errno) in try readValue { get(name.cString, $0, $1) } }
                if let value { reading.values.append(ExtendedAttribute(name: name, value: value)) }
            } catch {
                if name.copyPolicy == .ifPossible { continue }
                reading.failures.append(AttributeReading.Failure(name: name, errno: error))
            }
        }
    } catch { reading.failures.append(AttributeReading.Failure(name: nil, errno: error)) }
    return reading
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
