import SystemCalls

/// The choice of extended attributes that an archive holds, and their records.
///
/// Only attributes that describe the file itself are read: those of users and administrators, capabilities and ACLs. The others belong to the machine or its file system, and readers that apply them fail elsewhere.
struct AttributePolicy: Sendable {
    private static let wanted: Set<AttributeName> = [
        AttributeName("security.capability"), .accessACL, .defaultACL,
    ]
    private static let wantedPrefixes = bytes(["user.", "trusted."])
    private static let machinePrefixes = bytes(["trusted.overlay.", "user.overlay.", "user.nix", "trusted.SGI_"])

    private static func bytes(_ texts: [String]) -> [[UInt8]] { texts.map { Array($0.utf8) } }

    /// The attributes of an entry that an archive records.
    ///
    /// A capability that belongs to another user namespace means nothing here, and is left out; getxattr(2) fails with
    /// EOVERFLOW for it. Any other value, or a list, that cannot be read is an error: the archive would lack it without
    /// notice.
    func attributes(
        _ disk: Path, _ read: (_ isWanted: (AttributeName) -> Bool) -> AttributeReading
    ) throws(ArchiveError) -> [ExtendedAttribute] {
        let reading = read(Self.isWanted)
        for failure in reading.failures where failure.errno != .overflow {
            throw ArchiveError(.readAttributes, failure.errno, disk)
        }
        return reading.values
    }

    /// The pax records of attributes: `SCHILY.xattr.*`, which all readers read, and for an ACL also its text, which GNU
    /// tar and bsdtar read.
    func records(_ attributes: [ExtendedAttribute], _ disk: Path) throws(ArchiveError) -> [PaxAttribute] {
        if attributes.isEmpty { return [] }
        var records: [PaxAttribute] = []
        for attribute in attributes {
            records.append(PaxAttribute(key: Self.key(attribute.name), value: attribute.value))
            guard let list = Self.lists[attribute.name] else { continue }
            guard let text = attribute.accessListText else { throw ArchiveError(.readAttributes, .invalid, disk) }
            records.append(PaxAttribute(key: Array(list.utf8), value: Array(text.utf8)))
        }
        return records.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    }

    /// An equals sign would end the key. As GNU tar does, and nothing more: other readers take `%` for what it is, so
    /// it is written otherwise only where GNU tar would read something else.
    private static func key(_ name: AttributeName) -> [UInt8] {
        var key = prefix
        let bytes = name.bytes
        for (place, byte) in bytes.enumerated() {
            let isRead = encodings.contains { bytes[place...].starts(with: $0) }
            if byte == UInt8(ascii: "=") {
                key += encodings[0]
            } else if isRead {
                key += encodings[1]
            } else {
                key.append(byte)
            }
        }
        return key
    }

    private static let prefix = Array("SCHILY.xattr.".utf8)

    /// Of `=` and `%`.
    private static let encodings = ["%3D", "%25"].map { Array($0.utf8) }

    private static let lists: [AttributeName: String] = [
        .accessACL: "SCHILY.acl.access", .defaultACL: "SCHILY.acl.default",
    ]

    /// Whether an archive of repot may contain a pax record that another archive contains.
    static func isWanted(record key: [UInt8]) -> Bool {
        if key.starts(with: prefix) { return isWanted(key.dropFirst(prefix.count)) }
        return lists.values.contains { key.elementsEqual($0.utf8) }
    }

    /// Whether an archive records the attribute. Names are compared as bytes, since a combining character may follow a
    /// dot.
    static func isWanted(_ name: AttributeName) -> Bool { isWanted(name.bytes[...]) }

    private static func isWanted(_ name: ArraySlice<UInt8>) -> Bool {
        if machinePrefixes.contains(where: { name.starts(with: $0) }) { return false }
        return wanted.contains { name.elementsEqual($0.bytes) } || wantedPrefixes.contains { name.starts(with: $0) }
    }
}
