extension ExtendedAttribute {
    /// An ACL's value in text form: `user::rwx,user:1000:r--,…`, with numbers for names; nil when it is none.
    ///
    /// libacl reads ACLs from files only. Sources: linux/posix_acl_xattr.h, acl(5), 'ACL TEXT FORMS'.
    package var accessListText: String? {
        guard value.count >= 4, (value.count - 4) % 8 == 0, number(at: 0, bytes: 4) == 2 else { return nil }
        var entries: [String] = []
        for start in stride(from: 4, to: value.count, by: 8) {
            let id = number(at: start + 4, bytes: 4)
            guard let who = Self.subject(tag: number(at: start, bytes: 2), id) else { return nil }
            entries.append(who + Self.permissions(number(at: start + 2, bytes: 2)))
        }
        return entries.joined(separator: ",")
    }

    private func number(at start: Int, bytes: Int) -> UInt32 {
        (0..<bytes).reduce(0) { $0 | UInt32(value[start + $1]) << (8 * UInt32($1)) }
    }

    private static func subject(tag: UInt32, _ id: UInt32) -> String? {
        switch tag {
        case 0x01: "user::"
        case 0x02: "user:\(id):"
        case 0x04: "group::"
        case 0x08: "group:\(id):"
        case 0x10: "mask::"
        case 0x20: "other::"
        default: nil
        }
    }

    private static func permissions(_ bits: UInt32) -> String {
        (bits & 4 != 0 ? "r" : "-") + (bits & 2 != 0 ? "w" : "-") + (bits & 1 != 0 ? "x" : "-")
    }
}
