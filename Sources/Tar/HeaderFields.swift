import SystemCalls

/// What a block that begins a member says; `UstarHeader` shows where. Source: POSIX.1-2017, pax, 'ustar Interchange
/// Format'.
struct HeaderFields {
    let path: [UInt8]
    /// The reason why readers disagree about the member; nil if there is none.
    let ambiguity: String?
    let mode: UInt32
    let owner: Ownership
    let size: Int64
    let seconds: Int64
    let type: UInt8
    let link: [UInt8]
    let device: DeviceNumber
    /// Whether the member is a sparse file in GNU tar's own format, and whether blocks follow that list its parts.
    /// Source: GNU tar manual, 'Old GNU Format' of sparse files.
    let isSparse: Bool
    let hasSparseBlocks: Bool
    /// The offset of the byte in such a block that is not 0 if another such block follows.
    static let nextSparseBlock = 504

    /// nil for what is no whole block, and for a wrong checksum.
    init?(_ block: UnsafeRawBufferPointer) throws(Malformation) {
        guard block.count == UstarHeader.size else { return nil }
        let fields = FieldReader(block: block)
        guard fields.number(148, 8).map(Int.init) == fields.checksum else { return nil }
        guard let mode = fields.number(100, 8), let user = fields.number(108, 8), let group = fields.number(116, 8),
            let owner = Ownership(user, group), !fields.isBlank(124, 12), let size = fields.number(124, 12), size >= 0,
            let seconds = fields.number(136, 12)
        else { throw Malformation("a header has a number that is none") }
        self.mode = UInt32(truncatingIfNeeded: mode)
        self.owner = owner
        self.size = size
        self.seconds = seconds
        type = block[156]
        link = fields.text(157, 100)
        device = DeviceNumber(
            major: UInt32(truncatingIfNeeded: fields.number(329, 8) ?? 0),
            minor: UInt32(truncatingIfNeeded: fields.number(337, 8) ?? 0))
        isSparse = type == UInt8(ascii: "S") && fields.isGNU
        hasSparseBlocks = isSparse && block[482] != 0
        let name = fields.text(0, 100)
        // GNU tar's own format has times where the prefix would be.
        let prefix = fields.isPosix ? fields.text(345, 155) : []
        path = prefix.isEmpty ? name : prefix + [Path.slash] + name
        ambiguity = isSparse ? nil : fields.ambiguity(prefix)
    }
}

/// Reads the fields of a block.
private struct FieldReader {
    let block: UnsafeRawBufferPointer

    var isPosix: Bool { block[257..<263].elementsEqual("ustar\0".utf8) }

    var isGNU: Bool { block[257..<265].elementsEqual("ustar  \0".utf8) }

    /// The sum of all bytes, those of the checksum itself taken as spaces.
    var checksum: Int {
        block.indices.reduce(0) { $0 + ((148..<156).contains($1) ? Int(UInt8(ascii: " ")) : Int(block[$1])) }
    }

    /// The reason why readers disagree about the name; nil if there is none.
    func ambiguity(_ prefix: [UInt8]) -> String? {
        // bsdtar reads any such header as one of POSIX.
        if !isPosix, !isGNU, block[257..<262].elementsEqual("ustar".utf8) { return "is of an unknown format" }
        // Python reads the prefix in each format, and Go in some archives of GNU's format.
        if !isPosix, block[345] != 0 { return "has a prefix, which its format does not have" }
        // Go reads a shorter prefix in the format of star.
        let isStar = block[508..<512].elementsEqual("tar\0".utf8)
        return isPosix && isStar && prefix.count > 130 ? "has a prefix that the format of star does not have" : nil
    }

    func isBlank(_ start: Int, _ length: Int) -> Bool {
        block[start..<(start + length)].allSatisfy { $0 == 0 || $0 == UInt8(ascii: " ") }
    }

    func text(_ start: Int, _ length: Int) -> [UInt8] {
        Array(block[start..<(start + length)].prefix { $0 != 0 })
    }

    /// Octal digits after spaces and before spaces and NULs, or GNU tar's big-endian number behind a set bit.
    func number(_ start: Int, _ length: Int) -> Int64? {
        let field = block[start..<(start + length)]
        if let first = field.first, first & 0x80 != 0 { return Self.binary(first, field.dropFirst()) }
        let isFill = { (byte: UInt8) in byte == 0 || byte == UInt8(ascii: " ") }
        let digits = field.drop(while: isFill).prefix { !isFill($0) }
        // Go takes NULs and spaces off both ends, and others stop at the first NUL.
        guard field[digits.endIndex...].allSatisfy(isFill), digits.isEmpty || !field[..<digits.startIndex].contains(0)
        else { return nil }
        var number: Int64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(digit) else { return nil }
            number = number << 3 | Int64(digit - UInt8(ascii: "0"))
        }
        return number
    }

    /// The first byte is 0x80 or, for negative numbers, 0xff. Some readers take further bits of the number from it.
    private static func binary(_ first: UInt8, _ rest: Slice<UnsafeRawBufferPointer>) -> Int64? {
        guard first == 0x80 || first == 0xff else { return nil }
        var number: Int64 = first == 0xff ? -1 : 0
        for byte in rest {
            guard abs(number) < 1 << 54 else { return nil }
            number = number << 8 | Int64(byte)
        }
        return number
    }
}

extension Ownership {
    /// nil for numbers that no kernel has.
    fileprivate init?(_ user: Int64, _ group: Int64) {
        guard let user = UInt32(exactly: user), let group = UInt32(exactly: group) else { return nil }
        self.init(user: user, group: group)
    }
}
