import SystemCalls

/// The fields that extended headers give a member. Source: POSIX.1-2017, pax, 'pax Extended Header'.
struct PaxFields {
    private var values: [[UInt8]: [UInt8]] = [:]
    /// The types of the extended headers before the member.
    private var types: Set<UInt8> = []
    /// The reason why readers disagree about the member; nil if there is none.
    private(set) var ambiguity: String?

    subscript(key: String) -> [UInt8]? { values[Array(key.utf8)] }

    /// Whether the member has an extended header of its own.
    var isExtended: Bool { !types.isEmpty }

    /// Adds the text of a header of that type: records, or one of GNU tar's long names, which end with a NUL.
    mutating func add(_ text: [UInt8], of type: UInt8) throws(Malformation) {
        // GNU tar and Go use the last header only, Python and others merge them.
        if !types.insert(type).inserted {
            findAmbiguity("has more than one header of the type \(Path([type]).quoted)")
        }
        switch type {
        case UInt8(ascii: "L"): setLongName(text, Self.path)
        case UInt8(ascii: "K"): setLongName(text, Self.linkPath)
        default:
            var records = PaxFields()
            try records.add(records: text)
            if let ambiguity = records.ambiguity { findAmbiguity(ambiguity) }
            for (key, value) in records.values { set(key, value) }
        }
    }

    private mutating func setLongName(_ text: [UInt8], _ key: [UInt8]) {
        let name = Array(text.prefix { $0 != 0 })
        if text.dropFirst(name.count).contains(where: { $0 != 0 }) {
            findAmbiguity("has a NUL in its long '\(String(decoding: key, as: UTF8.self))'")
        }
        set(key, name)
    }

    private mutating func set(_ key: [UInt8], _ value: [UInt8]) {
        // GNU tar uses the later header, Go and Python use the long name.
        if key == Self.path || key == Self.linkPath, values.updateValue(value, forKey: key) != nil {
            findAmbiguity("has its '\(String(decoding: key, as: UTF8.self))' in headers of two types")
        } else {
            values[key] = value
        }
    }

    private mutating func findAmbiguity(_ reason: String) { ambiguity = ambiguity ?? reason }

    /// Adds records for all members that follow. A record that is no field of a header, such as the commit in a comment,
    /// has no effect. GNU tar and Python apply the fields of a global header, and Go does not.
    mutating func add(global text: [UInt8]) throws(Malformation) {
        // Go forgets the headers before a global one.
        if isExtended { findAmbiguity("has a global header between its own headers") }
        var global = PaxFields()
        try global.add(records: text)
        if try global.isSparse() { throw .sparse }
        for key in global.values.keys where Self.known.contains(key) || Self.isAttribute(key) {
            throw Malformation("a global header gives all members one '\(String(decoding: key, as: UTF8.self))'")
        }
    }

    /// Each record is its length in decimal digits, those included, a space, key, `=`, value, and a line end.
    private mutating func add(records text: [UInt8]) throws(Malformation) {
        var rest = text[...]
        while !rest.isEmpty {
            let digits = rest.prefix { $0 != UInt8(ascii: " ") }
            guard digits.count < 8, digits.isDecimal, let length = Int(String(decoding: digits, as: UTF8.self)),
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
        if equals == record.startIndex { throw Malformation("a record of an extended header has no key") }
        let (key, value) = (Array(record[..<equals]), Array(record[(equals + 1)...]))
        let name = String(decoding: key, as: UTF8.self)
        // GNU tar skips blanks before a key.
        if key.first == UInt8(ascii: " ") || key.first == UInt8(ascii: "\t") {
            findAmbiguity("has a record '\(name)' with a blank before its name")
        }
        // Go ignores an empty field, and GNU tar and Python use it.
        if value.isEmpty, Self.known.contains(key) { findAmbiguity("has an empty '\(name)'") }
        // bsdtar reads other contents.
        if Self.sparseOfOthers.contains(name) { findAmbiguity("has a record '\(name)'") }
        if values.updateValue(value, forKey: key) != nil, !Self.repeated.contains(name) {
            findAmbiguity("has two records '\(name)' in one header")
        }
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

    /// A number without a sign; nil for other text.
    func number(_ key: String) -> Int64? {
        guard let text = self[key], text.isDecimal else { return nil }
        return Int64(String(decoding: text, as: UTF8.self))
    }

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
    private static let attributePrefixes = ["SCHILY.", "LIBARCHIVE."].map { Array($0.utf8) }
    private static let sparseOfOthers: Set = ["SCHILY.realsize", "SUN.holesdata"]
    /// The records that a member may have several times: GNU tar's list of the parts of a sparse file, and comments.
    private static let repeated: Set = ["GNU.sparse.offset", "GNU.sparse.numbytes", "comment"]

    private static func isAttribute(_ key: [UInt8]) -> Bool { attributePrefixes.contains { key.starts(with: $0) } }

    /// The records that are not fields of a header, in the byte order of the keys.
    var attributes: [PaxAttribute] {
        values.filter { !Self.known.contains($0.key) && !$0.key.starts(with: Self.sparse) }
            .map { PaxAttribute(key: $0.key, value: $0.value) }
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }
    }
}

extension Collection<UInt8> {
    fileprivate var isDecimal: Bool { allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } }
}

extension Malformation {
    /// GNU tar's files without their holes.
    static let sparse = Malformation("it has sparse files", remedy: "make it anew without --sparse")
}
