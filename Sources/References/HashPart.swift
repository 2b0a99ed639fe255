/// The 32 characters by which a store path is known: what a reference is found by. Source: Nix manual, 'Store Path'.
public struct HashPart: Hashable, Sendable, Comparable {
    typealias Words = SIMD4<UInt64>

    /// How many characters there are.
    public static let length = 32
    /// Nix's base-32 digits: no e, o, u, t.
    public static let alphabet = Set("0123456789abcdfghijklmnpqrsvwxyz".utf8)

    static let isDigit: [Bool] = (0...UInt8.max).map(alphabet.contains)

    /// The characters as they lie in memory: a store has a hundred thousand of them, to be hashed and compared.
    let words: Words

    /// nil for what is none.
    public init?(_ digits: some Collection<UInt8>) { self.init(Array(digits)[...]) }

    /// nil for what is none. Not generic, and so as fast elsewhere as in this module.
    package init?(_ digits: ArraySlice<UInt8>) {
        guard digits.count == Self.length, digits.allSatisfy({ Self.isDigit[Int($0)] }) else { return nil }
        self.init(beginning: digits)
    }

    /// Takes what begins the name of a store path, which was checked already.
    package init(beginning name: ArraySlice<UInt8>) {
        var words = Words()
        withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: name.prefix(Self.length)) }
        self.words = words
    }

    /// The characters, 32 of Nix's base-32 digits.
    public var digits: [UInt8] { withUnsafeBytes(of: words) { Array($0) } }

    /// Byte order.
    public static func < (a: HashPart, b: HashPart) -> Bool {
        for place in 0..<Words.scalarCount where a.words[place] != b.words[place] {
            return a.words[place].bigEndian < b.words[place].bigEndian
        }
        return false
    }
}

/// What follows the hash part and a dash in the name of a store path. Source: Nix manual, 'Store Path'.
package enum NamePart {
    /// The most characters that it has.
    package static let longest = 211

    private static let characters = Set("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+-._?=".utf8)
    private static let isCharacter: [Bool] = (0...UInt8.max).map(characters.contains)

    /// Whether it may have the byte.
    package static func mayHave(_ byte: UInt8) -> Bool { isCharacter[Int(byte)] }
}
