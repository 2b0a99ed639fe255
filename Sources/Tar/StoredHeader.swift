import SystemCalls

/// A block that begins a member, as somebody wrote it.
struct StoredHeader {
    private let bytes: [UInt8]
    let size: Int64

    /// nil for a block whose checksum or size is wrong. Some old programs have summed signed bytes; none of images has.
    init?(_ bytes: [UInt8]) {
        self.bytes = bytes
        let field = 148..<156
        let sum = bytes.indices.reduce(Int64(0)) { $0 + (field.contains($1) ? 0x20 : Int64(bytes[$1])) }
        guard Self.number(bytes[field]) == sum, let size = Self.number(bytes[124..<136]), size >= 0 else { return nil }
        self.size = size
    }

    var type: UInt8 { bytes[156] }
    var link: [UInt8] { bytes[157..<257].upToNull }

    /// GNU's format has other things where ustar has the prefix, and another magic.
    var path: [UInt8] {
        let name = bytes[0..<100].upToNull
        guard bytes[257..<263].elementsEqual("ustar\0".utf8) else { return name }
        let prefix = bytes[345..<500].upToNull
        return prefix.isEmpty ? name : prefix + [Path.slash] + name
    }

    /// Octal digits between spaces and NULs; or, after a bit that no digit has, all other bits.
    private static func number(_ field: ArraySlice<UInt8>) -> Int64? {
        if let first = field.first, first & 0x80 != 0 {
            var number = Int64(first & 0x7f)
            for byte in field.dropFirst() {
                guard number <= Int64.max >> 8 else { return nil }
                number = number << 8 | Int64(byte)
            }
            return number
        }
        let digits = field.upToNull.split(separator: UInt8(ascii: " "))
        if digits.isEmpty { return 0 }
        guard digits.count == 1, digits[0].first != UInt8(ascii: "-") else { return nil }
        return Int64(String(decoding: digits[0], as: UTF8.self), radix: 8)
    }
}

extension Collection<UInt8> {
    /// A text in a field that is wider than it.
    var upToNull: [UInt8] { Array(prefix { $0 != 0 }) }
}
