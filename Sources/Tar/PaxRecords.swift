/// What a member's header cannot say: key and value, a line each. Source: POSIX.1-2017, pax, 'pax Extended Header'.
struct PaxRecords {
    private var records: [(key: [UInt8], value: [UInt8])] = []

    var isEmpty: Bool { records.isEmpty }

    mutating func add(_ key: [UInt8], _ value: [UInt8]) { records.append((key, value)) }

    mutating func add(_ key: String, _ value: some Sequence<UInt8>) { add(Array(key.utf8), Array(value)) }

    mutating func add(_ key: String, _ number: some BinaryInteger) { add(key, String(number).utf8) }

    /// In the byte order of their keys.
    var bytes: [UInt8] {
        records.sorted { $0.key.lexicographicallyPrecedes($1.key) }.flatMap { Self.line($0.key, $0.value) }
    }

    /// A line begins with its own length in decimal digits, those included.
    private static func line(_ key: [UInt8], _ value: [UInt8]) -> [UInt8] {
        let rest = [UInt8(ascii: " ")] + key + [UInt8(ascii: "=")] + value + [UInt8(ascii: "\n")]
        var length = rest.count + 1
        while String(length).utf8.count + rest.count != length { length = rest.count + String(length).utf8.count }
        return Array(String(length).utf8) + rest
    }

    /// Adds a comment, so that the records fill that many blocks: more than they do already.
    mutating func fill(blocks: Int) {
        let key = Array("comment".utf8)
        let missing = blocks * UstarHeader.size - bytes.count
        let shortest = Self.line(key, []).count
        // Where a length gains a digit, one total cannot be reached; one byte less fills the same blocks.
        for filler in stride(from: missing - shortest, through: 0, by: -1) {
            let value = [UInt8](repeating: UInt8(ascii: " "), count: filler)
            if Self.line(key, value).count <= missing { return add(key, value) }
        }
    }
}
