/// The 32 characters by which a store path is known: what a reference is found by. Source: Nix manual, 'Store Path'.
public struct HashPart: Hashable, Sendable {
    /// The characters, 32 of Nix's base-32 digits.
    public let digits: [UInt8]
    /// How many there are.
    public static let length = 32
    /// Nix's base-32 digits: no e, o, u, t.
    public static let alphabet = Set("0123456789abcdfghijklmnpqrsvwxyz".utf8)

    /// nil for what is none.
    public init?(_ digits: some Collection<UInt8>) {
        guard digits.count == Self.length, digits.allSatisfy(Self.alphabet.contains) else { return nil }
        self.digits = Array(digits)
    }

    /// Takes what begins the name of a store path, which was checked already.
    package init(beginning name: [UInt8]) { digits = Array(name.prefix(Self.length)) }
}
