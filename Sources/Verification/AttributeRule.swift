package import SystemCalls

/// The extended attributes that an entry of a store may have. Nix removes all attributes and ACLs except those that its
/// setting `ignored-acls` names. Source: Nix, `canonicalisePathMetaData`.
package enum AttributeRule {
    /// Labels and signatures that the security modules of the machine give to each file. They grant no privilege.
    private static let labels = Set(
        ["security.selinux", "security.csm", "security.ima", "security.evm", "security.SMACK64"].map { Array($0.utf8) })
    /// Attributes of users and administrators, capabilities, labels, and POSIX ACLs. A file system lists others by itself,
    /// such as `system.nfs4_acl`, `btrfs.compression` and `lustre.lov`.
    private static let namespaces = ["user.", "trusted.", "security.", "system.posix_acl_"].map { Array($0.utf8) }
    /// The records of overlays, of container tools without root, and of XFS. They grant nothing.
    private static let records =
        [
            "trusted.overlay.", "user.overlay.", "user.fuseoverlayfs.", "user.containers.override_stat",
            "user.rootlesscontainers", "trusted.SGI_",
        ].map { Array($0.utf8) }

    /// Whether a file in a store must not have the attribute.
    package static func forbids(_ name: AttributeName) -> Bool {
        let bytes = name.bytes
        return namespaces.contains { bytes.starts(with: $0) } && forbids(record: bytes)
            && !records.contains { bytes.starts(with: $0) }
    }

    /// Whether a file of a store must not have the attribute in the layer of an image. Unlike on a disk, the state of an
    /// overlay is forbidden: it would change the content of other layers in a container.
    package static func forbids(record name: [UInt8]) -> Bool { !labels.contains(name) }
}
