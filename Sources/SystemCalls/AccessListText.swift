extension ExtendedAttribute {
    /// An ACL's value in text form: `user::rwx,user:1000:r--,…`, with numbers for names; nil when it is none.
    ///
    /// libacl reads ACLs from files only. Sources: linux/posix_acl_xattr.h, acl(5), 'ACL TEXT FORMS'.
    package var accessListText: String? {
        guard let starts = entryStarts else { return nil }
        var entries: [String] = []
        for start in starts {
            let id = number(at: start + 4, bytes: 4)
            guard let who = Self.subject(tag: number(at: start, bytes: 2), id) else { return nil }
            entries.append(who + Self.permissions(number(at: start + 2, bytes: 2)))
        }
        return entries.joined(separator: ",")
    }

    /// Returns an access ACL that agrees with the mode in the permissions of the owner, of others, and of the mask, or
    /// of the owning group if there is no mask. Returns any other attribute unchanged.
    ///
    /// Source: acl(5), 'CORRESPONDENCE BETWEEN ACL ENTRIES AND FILE PERMISSION BITS'.
    package func agreeing(with mode: FileMode) -> ExtendedAttribute {
        guard name == .accessACL, let starts = entryStarts else { return self }
        let hasMask = starts.contains { number(at: $0, bytes: 2) == 0x10 }
        var value = value
        for start in starts {
            let shift: UInt32
            switch number(at: start, bytes: 2) {
            case 0x01: shift = 6
            case 0x10: shift = 3
            case 0x04 where !hasMask: shift = 3
            case 0x20: shift = 0
            default: continue
            }
            value[start + 2] = UInt8(mode.rawValue >> shift & 7)
        }
        return ExtendedAttribute(name: name, value: value)
    }

    /// The offsets of an ACL's entries; nil if the value is not an ACL.
    private var entryStarts: StrideTo<Int>? {
        guard value.count >= 4, (value.count - 4) % 8 == 0, number(at: 0, bytes: 4) == 2 else { return nil }
        return stride(from: 4, to: value.count, by: 8)
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
