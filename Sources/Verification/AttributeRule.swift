package import SystemCalls

/// The extended attributes that an entry of a store may have. Nix removes all attributes and ACLs except those that its
/// setting `ignored-acls` names. Source: Nix, `canonicalisePathMetaData`.
package enum AttributeRule {
    /// Labels and signatures that the security modules of the machine give to each file. They grant no privilege.
    private static let labels = Set(
        ["security.selinux", "security.csm", "security.ima", "security.evm", "security.SMACK64"].map { Array($0.utf8) })
    /// Attributes that a file system lists for each file, and the state of an overlay in the directories of its layers.
    private static let ownPrefixes =
        ["system.nfs4_", "btrfs.", "trusted.SGI_", "trusted.overlay.", "user.overlay."].map { Array($0.utf8) }

    /// Whether a file in a store must not have the attribute.
    package static func forbids(_ name: AttributeName) -> Bool {
        let bytes = name.bytes
        return forbids(record: bytes) && !ownPrefixes.contains { bytes.starts(with: $0) }
    }

    /// Whether a file of a store must not have the attribute in the layer of an image. Unlike on a disk, the state of an
    /// overlay is forbidden: it would change the content of other layers in a container.
    package static func forbids(record name: [UInt8]) -> Bool { !labels.contains(name) }
}
