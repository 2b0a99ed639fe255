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
            let key = "SCHILY.xattr.\(attribute.name.text)"
            records.append(PaxAttribute(key: key, value: attribute.value))
            guard let list = Self.lists[attribute.name] else { continue }
            guard let text = attribute.accessListText else { throw ArchiveError(.readAttributes, .invalid, disk) }
            records.append(PaxAttribute(key: list, value: Array(text.utf8)))
        }
        return records.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }

    private static let lists: [AttributeName: String] = [
        .accessACL: "SCHILY.acl.access", .defaultACL: "SCHILY.acl.default",
    ]

    private static func belongsToMachine(_ name: AttributeName) -> Bool {
        let text = name.text
        return machine.contains(text) || machinePrefixes.contains { text.hasPrefix($0) }
    }
}
