package import Crypto
import SystemCalls

/// The SHA-256 of a blob, by which images know it. Source: OCI image specification, descriptor.md, 'Digests'.
public struct Digest: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// 64 hexadecimal digits, in lower case.
    public let hex: String

    /// nil for anything but `sha256:` and 64 digits in lower case.
    public init?(_ text: String) {
        let digits = text.dropFirst("sha256:".count)
        guard text.hasPrefix("sha256:"), digits.utf8.count == 64,
            digits.utf8.allSatisfy("0123456789abcdef".utf8.contains)
        else { return nil }
        hex = String(digits)
    }

    /// Whether the text is a digest of another algorithm, such as SHA-512.
    /// Source: OCI image specification, descriptor.md, 'Registered algorithms'.
    package static func isOfAnotherAlgorithm(_ text: String) -> Bool {
        let parts = text.split(atFirst: ":")
        return parts.count == 2 && parts[0] != "sha256" && !parts[0].isEmpty && !parts[1].isEmpty
    }

    /// A digest that was computed in parts.
    package init(_ digest: SHA256.Digest) {
        let digits = Array("0123456789abcdef".utf8)
        hex = String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// That of these bytes.
    public init(of bytes: [UInt8]) { self.init(SHA256.hash(data: bytes)) }

    /// `sha256:` and the digits.
    public var description: String { "sha256:\(hex)" }

    /// By the digits.
    public static func < (a: Digest, b: Digest) -> Bool { a.hex < b.hex }
}
