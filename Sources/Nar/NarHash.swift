import Crypto

/// The SHA-256 of a file system object in Nix's archive format, by which Nix knows what is in a store path.
/// Source: Nix manual, 'Nix Archive (NAR) format'.
public struct NarHash: Hashable, Sendable, CustomStringConvertible {
    /// The digest, 32 bytes.
    public let bytes: [UInt8]
    /// How many bytes a SHA-256 has.
    public static let length = 32

    /// nil unless there are 32 bytes.
    public init?(bytes: [UInt8]) {
        guard bytes.count == Self.length else { return nil }
        self.bytes = bytes
    }

    init(_ digest: SHA256.Digest) { bytes = Array(digest) }

    /// What Nix writes: base 16, its own base 32 or base 64, behind `sha256:` or, for base 64, `sha256-`; bare
    /// digests in base 16 and 32 too. nil for anything else, other algorithms included.
    public init?(_ text: String) {
        var digits = Array(text.utf8)
        for prefix in ["sha256:", "sha256-"] where digits.starts(with: prefix.utf8) {
            digits.removeFirst(prefix.utf8.count)
            break
        }
        let decoded =
            switch digits.count {
            case 64: Base16.decode(digits)
            case 52: NixBase32.decode(digits)
            case 43, 44: Base64.decode(digits)
            default: nil as [UInt8]?
            }
        guard let decoded else { return nil }
        self.init(bytes: decoded)
    }

    /// Whether all bytes are 0, by which Nix marks an unknown hash.
    package var isNull: Bool { bytes.allSatisfy { $0 == 0 } }

    /// In base 16, without a prefix, as `nix-store --dump-db` has it.
    public var base16: String { Base16.encode(bytes) }

    /// As Nix's database and `nix-store --query --hash` have it: `sha256:` and 52 digits.
    public var description: String { "sha256:" + NixBase32.encode(bytes) }
}

private enum Base16 {
    static func encode(_ bytes: [UInt8]) -> String {
        var digits: [UInt8] = []
        digits.reserveCapacity(2 * bytes.count)
        for byte in bytes {
            digits.append(digit(byte >> 4))
            digits.append(digit(byte & 15))
        }
        return String(decoding: digits, as: UTF8.self)
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    static func decode(_ digits: [UInt8]) -> [UInt8]? {
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(digits[index]), let low = value(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

/// Nix's own: 32 digits without e, o, u and t, the last bits first.
private enum NixBase32 {
    private static let digits = Array("0123456789abcdfghijklmnpqrsvwxyz".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        let count = (bytes.count * 8 - 1) / 5 + 1
        let text = (0..<count).reversed().map { place in
            let (byte, shift) = ((place * 5) / 8, (place * 5) % 8)
            let high = byte + 1 < bytes.count ? UInt16(bytes[byte + 1]) << 8 : 0
            return digits[Int((high | UInt16(bytes[byte])) >> shift) & 0x1f]
        }
        return String(decoding: text, as: UTF8.self)
    }

    static func decode(_ text: [UInt8]) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: text.count * 5 / 8)
        for (place, digit) in text.reversed().enumerated() {
            guard let value = digits.firstIndex(of: digit) else { return nil }
            let (byte, shift) = ((place * 5) / 8, (place * 5) % 8)
            let wide = UInt16(value) << shift
            bytes[byte] |= UInt8(truncatingIfNeeded: wide)
            let carry = UInt8(truncatingIfNeeded: wide >> 8)
            if byte + 1 < bytes.count { bytes[byte + 1] |= carry } else if carry != 0 { return nil }
        }
        return bytes
    }
}

/// Source: RFC 4648, section 4; with or without the padding of 32 bytes.
private enum Base64 {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func decode(_ text: [UInt8]) -> [UInt8]? {
        var bytes: [UInt8] = []
        var (bits, count) = (UInt32(0), 0)
        for digit in text.last == UInt8(ascii: "=") ? text.dropLast() : text[...] {
            guard let value = digits.firstIndex(of: digit) else { return nil }
            (bits, count) = (bits << 6 | UInt32(value), count + 6)
            guard count >= 8 else { continue }
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            bits &= (1 << UInt32(count)) - 1
        }
        return bits == 0 ? bytes : nil
    }
}
