import SystemCalls

/// What extended headers say of a member. Source: POSIX.1-2017, pax, 'pax Extended Header'.
struct PaxFields {
    private var values: [[UInt8]: [UInt8]] = [:]

    subscript(key: String) -> [UInt8]? { values[Array(key.utf8)] }

    /// The text of a header of that type: records, or one of GNU tar's long names, which end with a NUL.
    mutating func add(_ text: [UInt8], of type: UInt8) throws(Malformation) {
        switch type {
        case UInt8(ascii: "L"): values[Self.path] = Array(text.prefix { $0 != 0 })
        case UInt8(ascii: "K"): values[Self.linkPath] = Array(text.prefix { $0 != 0 })
        default: try add(records: text)
        }
    }

    /// Records for all members that follow. What is no field of a header, such as the commit in a comment, is nobody's
    /// business; what no two members have alike is understood by some readers, and by others passed over.
    mutating func add(global text: [UInt8]) throws(Malformation) {
        var global = PaxFields()
        try global.add(records: text)
        if try global.isSparse() { throw .sparse }
        for key in [Self.path, Self.linkPath, Self.size] where global.values[key] != nil {
            throw Malformation("a global header gives all members one '\(String(decoding: key, as: UTF8.self))'")
        }
        for (key, value) in global.values where Self.known.contains(key) { values[key] = value }
    }

    /// Each record is its length in decimal digits, those included, a space, key, `=`, value, and a line end. A field
    /// of the header without a value takes an earlier one back; an extended attribute may well be empty.
    private mutating func add(records text: [UInt8]) throws(Malformation) {
        var rest = text[...]
        while !rest.isEmpty {
            let digits = rest.prefix { $0 != UInt8(ascii: " ") }
            guard digits.count < 8, let length = Int(String(decoding: digits, as: UTF8.self)),
                length > digits.count + 1,
                length <= rest.count, rest[rest.startIndex + length - 1] == UInt8(ascii: "\n")
            else { throw Malformation("a record of an extended header has a wrong length") }
            try add(record: rest.prefix(length - 1).dropFirst(digits.count + 1))
            rest = rest.dropFirst(length)
        }
    }

    private mutating func add(record: ArraySlice<UInt8>) throws(Malformation) {
        guard let equals = record.firstIndex(of: UInt8(ascii: "=")) else {
            throw Malformation("a record of an extended header has no '='")
        }
        let (key, value) = (Array(record[..<equals]), Array(record[(equals + 1)...]))
        values[key] = value.isEmpty && Self.known.contains(key) ? nil : value
    }

    /// Whether the member is a sparse file in one of GNU tar's three forms for pax: 0.0, 0.1 or 1.0. The first two may
    /// lack their version. Source: GNU tar manual, 'PAX Format' of sparse files.
    ///
    /// - Throws: An error for any other form, from which readers read different names and contents.
    func isSparse() throws(Malformation) -> Bool {
        guard values.keys.contains(where: { $0.starts(with: Self.sparse) }) else { return false }
        let version = ["major", "minor"].map { self["GNU.sparse.\($0)"].map { String(decoding: $0, as: UTF8.self) } }
        let hasParts = self["GNU.sparse.map"] != nil || self["GNU.sparse.offset"] != nil
        guard [["0", "0"], ["0", "1"], ["1", "0"]].contains(version) || hasParts && version == [nil, nil] else {
            throw .sparse
        }
        return true
    }

    /// The name of the member. In the forms 0.1 and 1.0 of a sparse file, `path` is a name for other readers.
    var path: [UInt8]? { values[Self.sparseName] ?? values[Self.path] }

    func number(_ key: String) -> Int64? { self[key].flatMap { Int64(String(decoding: $0, as: UTF8.self)) } }

    /// Seconds with or without a fraction.
    var modified: Timestamp? {
        guard let text = self["mtime"] else { return nil }
        let parts = String(decoding: text, as: UTF8.self).split(separator: ".", omittingEmptySubsequences: false)
        guard let whole = parts.first.flatMap({ Int64($0) }), whole > .min, parts.count <= 2 else { return nil }
        let digits = parts.count == 2 ? parts[1].prefix(9) : ""
        guard let parsed = digits.isEmpty ? 0 : UInt32(digits) else { return nil }
        let fraction = (digits.utf8.count..<9).reduce(parsed) { number, _ in number * 10 }
        // Before 1970 the fraction counts towards zero, as the whole does.
        if parts[0].hasPrefix("-"), fraction > 0 {
            return Timestamp(seconds: whole - 1, nanoseconds: 1_000_000_000 - fraction)
        }
        return Timestamp(seconds: whole, nanoseconds: fraction)
    }

    private static let sparse = Array("GNU.sparse.".utf8)
    private static let sparseName = Array("GNU.sparse.name".utf8)
    private static let path = Array("path".utf8)
    private static let linkPath = Array("linkpath".utf8)
    private static let size = Array("size".utf8)
    private static let known = Set([path, linkPath, size] + ["uid", "gid", "mtime"].map { Array($0.utf8) })

    /// All that no field of a header stands for, in the byte order of the keys.
    var attributes: [PaxAttribute] {
        values.filter { !Self.known.contains($0.key) && !$0.key.starts(with: Self.sparse) }
            .map { PaxAttribute(key: $0.key, value: $0.value) }
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }
    }
}

extension Malformation {
    /// GNU tar's files without their holes.
    static let sparse = Malformation("it has sparse files", remedy: "make it anew without --sparse")
}
