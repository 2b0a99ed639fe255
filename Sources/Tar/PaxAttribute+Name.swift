extension PaxAttribute {
    private static let prefixes = ["SCHILY.xattr.", "LIBARCHIVE.xattr."].map { Array($0.utf8) }
    private static let lists = [
        "SCHILY.acl.access": "system.posix_acl_access", "SCHILY.acl.default": "system.posix_acl_default",
        "SCHILY.acl.ace": "system.nfs4_acl", "RHT.security.selinux": "security.selinux",
    ]

    /// The name of the extended attribute that a reader sets for the record, also of an ACL; nil for another record. An
    /// encoded character of the name stays encoded.
    /// Sources: star(5), 'SCHILY.xattr'; libarchive, archive_write_set_format_pax.c; GNU tar, xheader.c.
    package var attributeName: [UInt8]? {
        for prefix in Self.prefixes where key.starts(with: prefix) { return Array(key.dropFirst(prefix.count)) }
        return Self.lists[String(decoding: key, as: UTF8.self)].map { Array($0.utf8) }
    }
}
