import SystemCalls

/// Which attributes go into an archive, and as what. Those of the machine stay behind: they say where a file was, and
/// readers that apply them fail elsewhere.
struct AttributePolicy: Sendable {
    private static let machine = ["security.selinux", "security.ima", "security.evm", "system.nfs4_acl"]
    private static let machinePrefixes = ["trusted.overlay.", "user.overlay.", "user.nix", "trusted.SGI_"]

    /// As `SCHILY.xattr.*`, which all readers know; an ACL also as text, which GNU tar and bsdtar want.
    func records(
        _ attributes: [ExtendedAttribute], _ metadata: Metadata, _ disk: Path
    ) throws(ArchiveError) -> [PaxAttribute] {
        if attributes.isEmpty { return [] }
        var records: [PaxAttribute] = []
        for attribute in attributes where !Self.belongsToMachine(attribute.name) {
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
        var key = Array("SCHILY.xattr.".utf8)
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

    /// Of `=` and `%`.
    private static let encodings = ["%3D", "%25"].map { Array($0.utf8) }

    private static let lists: [AttributeName: String] = [
        .accessACL: "SCHILY.acl.access", .defaultACL: "SCHILY.acl.default",
    ]

    private static func belongsToMachine(_ name: AttributeName) -> Bool {
        let text = name.text
        return machine.contains(text) || machinePrefixes.contains { text.hasPrefix($0) }
    }
}
