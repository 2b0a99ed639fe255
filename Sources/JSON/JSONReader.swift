/// Reads a text. FoundationEssentials' decoder does not tell where a text is malformed. Source: RFC 8259.
package struct JSONReader {
    /// Where the text is malformed, and what was expected there.
    package struct Failure: Error, Hashable {
        /// From 1.
        package let line: Int
        package let expected: String
    }

    /// Deeper texts are refused, as many readers do: each level takes some of the stack. Source: RFC 8259, 9.
    private static let deepest = 256
    /// A value takes up to 60 bytes of memory, and 2 bytes of the text.
    private static let maxValues = 5_000_000

    private let bytes: [UInt8]
    private var next = 0
    private var depth = 0
    private var valueCount = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The value that the whole text stands for.
    package static func value(of bytes: [UInt8]) throws(Failure) -> JSONValue {
        var reader = JSONReader(bytes)
        let value = try reader.value()
        reader.skipSpace()
        guard reader.next == bytes.count else { throw reader.failure("the end") }
        return value
    }

    private func failure(_ expected: String) -> Failure {
        Failure(line: 1 + bytes.prefix(next).count { $0 == UInt8(ascii: "\n") }, expected: expected)
    }

    private mutating func skipSpace() {
        while next < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[next]) { next += 1 }
    }

    /// Whether the character comes next; then it is taken.
    private mutating func takes(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next < bytes.count, bytes[next] == UInt8(ascii: character) else { return false }
        next += 1
        return true
    }

    private mutating func value() throws(Failure) -> JSONValue {
        skipSpace()
        valueCount += 1
        if valueCount > Self.maxValues { throw failure("at most 5,000,000 values") }
        guard next < bytes.count else { throw failure("a value") }
        switch bytes[next] {
        case UInt8(ascii: "{"): return .members(try object())
        case UInt8(ascii: "["): return .array(try array())
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        default: return try word()
        }
    }

    private mutating func object() throws(Failure) -> [JSONValue.Member] {
        var members: [JSONValue.Member] = []
        try descend()
        if takes("}") { return ascend(members) }
        repeat {
            skipSpace()
            guard next < bytes.count, bytes[next] == UInt8(ascii: "\"") else { throw failure("a key in quotes") }
            let key = try string()
            guard takes(":") else { throw failure("':' after the key \(JSONValue.string(key).text)") }
            members.append(JSONValue.Member(key: key, value: try value()))
        } while takes(",")
        guard takes("}") else { throw failure("',' or '}'") }
        return ascend(members)
    }

    private mutating func array() throws(Failure) -> [JSONValue] {
        var values: [JSONValue] = []
        try descend()
        if takes("]") { return ascend(values) }
        repeat { values.append(try value()) } while takes(",")
        guard takes("]") else { throw failure("',' or ']'") }
        return ascend(values)
    }

    private mutating func descend() throws(Failure) {
        next += 1
        depth += 1
        if depth > Self.deepest { throw failure("at most \(Self.deepest) levels") }
    }

    private mutating func ascend<Value>(_ value: Value) -> Value {
        depth -= 1
        return value
    }

    private mutating func word() throws(Failure) -> JSONValue {
        let words: [(String, JSONValue)] = [("null", .null), ("true", .bool(true)), ("false", .bool(false))]
        for (word, value) in words where bytes[next...].starts(with: word.utf8) {
            next += word.utf8.count
            return value
        }
        throw failure("a value")
    }

    private mutating func number() throws(Failure) -> Double {
        let characters = Set("+-.eE0123456789".utf8)
        let digits = bytes[next...].prefix(while: characters.contains)
        let text = String(decoding: digits, as: UTF8.self)
        // Swift accepts more than JSON, such as leading zeros.
        guard Self.isNumber(digits), let number = Double(text), number.isFinite else {
            throw failure("a number, not '\(text)',")
        }
        next += digits.count
        return number
    }

    /// Whether the characters are a number. Source: RFC 8259, 6.
    private static func isNumber(_ characters: ArraySlice<UInt8>) -> Bool {
        var rest = characters
        func takeDigits() -> ArraySlice<UInt8> {
            let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            rest = rest.dropFirst(digits.count)
            return digits
        }
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        let whole = takeDigits()
        if whole.isEmpty || (whole.count > 1 && whole.first == UInt8(ascii: "0")) { return false }
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            if takeDigits().isEmpty { return false }
        }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
            if takeDigits().isEmpty { return false }
        }
        return rest.isEmpty
    }

    private mutating func string() throws(Failure) -> String {
        next += 1
        let start = next
        while next < bytes.count, bytes[next] >= 0x20, bytes[next] != UInt8(ascii: "\\") {
            next += 1
            if bytes[next - 1] == UInt8(ascii: "\"") {
                return String(decoding: bytes[start..<(next - 1)], as: UTF8.self)
            }
        }
        return try string(after: bytes[start..<next])
    }

    /// A string with escapes, from the first of them.
    private mutating func string(after beginning: ArraySlice<UInt8>) throws(Failure) -> String {
        var text = Array(beginning)
        while next < bytes.count, bytes[next] >= 0x20 {
            let byte = bytes[next]
            next += 1
            if byte == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
            if byte == UInt8(ascii: "\\") { text += try escaped() } else { text.append(byte) }
        }
        throw failure("'\"' at the end of a string")
    }

    private mutating func escaped() throws(Failure) -> [UInt8] {
        guard next < bytes.count else { throw failure("an escaped character") }
        next += 1
        switch bytes[next - 1] {
        case UInt8(ascii: "n"): return [0x0a]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "r"): return [0x0d]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0c]
        case UInt8(ascii: "u"): return try unicode()
        case let byte where "\"\\/".utf8.contains(byte): return [byte]
        default: throw failure("an escaped character")
        }
    }

    /// Beyond the first plane a character is written as two halves.
    private mutating func unicode() throws(Failure) -> [UInt8] {
        let first = try codeUnit()
        guard UTF16.isLeadSurrogate(first), bytes[next...].starts(with: "\\u".utf8) else {
            return Array(String(decoding: [first], as: UTF16.self).utf8)
        }
        next += 2
        return Array(String(decoding: [first, try codeUnit()], as: UTF16.self).utf8)
    }

    private mutating func codeUnit() throws(Failure) -> UInt16 {
        let digits = String(decoding: bytes[next...].prefix(4), as: UTF8.self)
        // A number in Swift may begin with a sign.
        guard digits.utf8.count == 4, !digits.hasPrefix("+"), let unit = UInt16(digits, radix: 16) else {
            throw failure("four hexadecimal digits")
        }
        next += 4
        return unit
    }
}
