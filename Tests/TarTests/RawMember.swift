import TestSupport

/// A member as no program should write it.
struct RawMember {
    var name = Array("file".utf8)
    var prefix: [UInt8] = []
    /// The eight bytes that tell the format.
    var magic = Array("ustar\u{0}00".utf8)
    var type = UInt8(ascii: "0")
    var link: [UInt8] = []
    /// Twelve bytes.
    var size = Array("00000000000\0".utf8)
    var owner = Array("0000000\0".utf8)
    var content: [UInt8] = []

    /// A header of its own, of that type and with that content.
    static func extended(_ type: Character, _ content: [UInt8]) -> [UInt8] {
        var member = RawMember(content: content)
        member.type = type.asciiValue ?? 0
        member.size = Self.octal(content.count)
        return member.bytes
    }

    /// Records, each with its length.
    static func records(_ records: String...) -> [UInt8] {
        extended("x", records.flatMap { line($0) })
    }

    /// A record with its length.
    static func line(_ record: String) -> [UInt8] {
        var length = 0
        while "\(length) \(record)\n".utf8.count != length { length = "\(length) \(record)\n".utf8.count }
        return Array("\(length) \(record)\n".utf8)
    }

    static func octal(_ number: Int) -> [UInt8] {
        let digits = String(number, radix: 8)
        return Array((String(repeating: "0", count: 11 - digits.utf8.count) + digits + "\0").utf8)
    }

    /// Header, content, and what fills its last block.
    var bytes: [UInt8] {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ field: [UInt8], _ offset: Int) {
            block.replaceSubrange(offset..<(offset + field.count), with: field)
        }
        put(name, 0)
        put(Array("0000644\0".utf8), 100)
        put(owner, 108)
        put(size, 124)
        block[156] = type
        put(link, 157)
        put(magic, 257)
        put(prefix, 345)
        Self.seal(&block, at: 0)
        return block + content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
    }

    /// Makes the checksum of a header right.
    static func seal(_ bytes: inout [UInt8], at start: Int) {
        bytes.replaceSubrange((start + 148)..<(start + 156), with: Array("        ".utf8))
        let sum = bytes[start..<(start + 512)].reduce(0) { $0 + Int($1) }
        bytes.replaceSubrange((start + 148)..<(start + 155), with: Self.octal(sum)[5...])
    }
}
