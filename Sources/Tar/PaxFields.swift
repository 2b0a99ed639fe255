import SystemCalls

/// Records of extended headers, as they are read. Source: POSIX.1-2017, pax, 'pax Extended Header'.
struct PaxFields {
    /// Text that is no record.
    struct Failure: Error {
        let what: String
    }

    private var values: [[UInt8]: [UInt8]] = [:]

    subscript(key: String) -> [UInt8]? {
        get { values[Array(key.utf8)] }
        set { values[Array(key.utf8)] = newValue }
    }

    /// Each record is its length in decimal digits, those included, a space, key, `=`, value, and a line end. A field
    /// of the header without a value takes an earlier one back; an extended attribute may well be empty.
    mutating func add(_ text: [UInt8]) throws(Failure) {
        var rest = text[...]
        while !rest.isEmpty {
            let digits = rest.prefix { $0 != UInt8(ascii: " ") }
            guard digits.count < 8, let length = Int(String(decoding: digits, as: UTF8.self)),
                length > digits.count + 1,
                length <= rest.count, rest[rest.startIndex + length - 1] == UInt8(ascii: "\n")
            else { throw Failure(what: "a record of an extended header has a wrong length") }
            let record = rest.prefix(length - 1).dropFirst(digits.count + 1)
            guard let equals = record.firstIndex(of: UInt8(ascii: "=")) else {
                throw Failure(what: "a record of an extended header has no '='")
            }
            let (key, value) = (Array(record[..<equals]), Array(record[(equals + 1)...]))
            values[key] = value.isEmpty && Self.known.contains(key) ? nil : value
            rest = rest.dropFirst(length)
        }
        if values.keys.contains(where: { $0.starts(with: "GNU.sparse.".utf8) }) {
            throw Failure(what: "sparse files are not understood")
        }
    }

    func number(_ key: String) -> Int64? { self[key].flatMap { Int64(String(decoding: $0, as: UTF8.self)) } }

    /// Seconds with or without a fraction.
    var modified: Timestamp? {
        guard let text = self["mtime"] else { return nil }
        let parts = String(decoding: text, as: UTF8.self).split(separator: ".", omittingEmptySubsequences: false)
        guard let whole = parts.first.flatMap({ Int64($0) }), parts.count <= 2 else { return nil }
        let digits = parts.count == 2 ? parts[1].prefix(9) : ""
        guard let parsed = digits.isEmpty ? 0 : UInt32(digits) else { return nil }
        let fraction = (digits.utf8.count..<9).reduce(parsed) { number, _ in number * 10 }
        // Before 1970 the fraction counts towards zero, as the whole does.
        if parts[0].hasPrefix("-"), fraction > 0 {
            return Timestamp(seconds: whole - 1, nanoseconds: 1_000_000_000 - fraction)
        }
        return Timestamp(seconds: whole, nanoseconds: fraction)
    }

    private static let known = Set(["path", "linkpath", "size", "uid", "gid", "mtime"].map { Array($0.utf8) })

    /// All that no field of a header stands for, in the byte order of the keys.
    var attributes: [PaxAttribute] {
        values.filter { !Self.known.contains($0.key) }.map { PaxAttribute(key: $0.key, value: $0.value) }
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }
    }
}

extension Member {
    /// nil for records that contradict themselves.
    init?(_ header: HeaderFields, _ fields: PaxFields) {
        let name = fields["path"] ?? header.path
        let link = fields["linkpath"] ?? header.link
        guard let kind = Kind(header, name, link), let owner = Self.owner(header, fields),
            fields["mtime"] == nil || fields.modified != nil, fields["size"] == nil || fields.number("size") != nil
        else { return nil }
        // What has no content has no size, whatever is said. Source: Go, archive/tar, 'isHeaderOnlyType'.
        let size = kind == .regular ? fields.number("size") ?? header.size : 0
        guard size >= 0 else { return nil }
        self.init(
            path: name.last == Path.slash ? Path(name).withoutTrailingSlashes.bytes : name, kind: kind,
            mode: FileMode(rawValue: header.mode), owner: owner,
            modified: fields.modified ?? Timestamp(seconds: header.seconds, nanoseconds: 0), size: size,
            attributes: fields.attributes)
    }

    private static func owner(_ header: HeaderFields, _ fields: PaxFields) -> Ownership? {
        guard let user = UInt32(exactly: fields.number("uid") ?? Int64(header.owner.user)),
            let group = UInt32(exactly: fields.number("gid") ?? Int64(header.owner.group))
        else { return nil }
        return Ownership(user: user, group: group)
    }
}

extension Member.Kind {
    /// Types that POSIX does not know are files. Source: POSIX.1-2017, pax, 'typeflag'.
    fileprivate init?(_ header: HeaderFields, _ name: [UInt8], _ link: [UInt8]) {
        if name.isEmpty { return nil }
        switch header.type {
        case UInt8(ascii: "1"): self = .hardLink(target: link)
        case UInt8(ascii: "2"): self = .symlink(target: link)
        case UInt8(ascii: "3"): self = .characterDevice(header.device)
        case UInt8(ascii: "4"): self = .blockDevice(header.device)
        case UInt8(ascii: "5"): self = .directory
        case UInt8(ascii: "6"): self = .fifo
        // Before ustar a slash at the end made a directory.
        default: self = name.last == Path.slash ? .directory : .regular
        }
    }
}
