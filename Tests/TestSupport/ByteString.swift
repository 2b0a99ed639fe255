import Glibc

/// A path, a name or an argument as the kernel sees it: bytes, of which nothing says that they are UTF-8.
public struct ByteString: Hashable, Sendable {
    /// The bytes, without a terminating zero.
    public var bytes: [UInt8]

    /// Takes bytes of any kind.
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Takes the UTF-8 of a text.
    public init(_ string: String) {
        bytes = Array(string.utf8)
    }

    /// Whether there is not a single byte.
    public var isEmpty: Bool { bytes.isEmpty }

    /// The names between the slashes; a leading or doubled slash adds none.
    public var components: [ByteString] {
        bytes.split(separator: UInt8(ascii: "/")).map { ByteString(Array($0)) }
    }

    /// Joins two paths; an empty left side adds no slash, so that a relative path stays relative.
    public static func / (left: ByteString, right: ByteString) -> ByteString {
        if left.isEmpty { return right }
        if right.isEmpty { return left }
        return ByteString(left.bytes + [UInt8(ascii: "/")] + right.bytes)
    }

    /// Joins without a slash.
    public static func + (left: ByteString, right: ByteString) -> ByteString {
        ByteString(left.bytes + right.bytes)
    }

    /// The bytes with the terminating zero that libc asks for.
    var cString: [CChar] {
        bytes.map { CChar(bitPattern: $0) } + [0]
    }
}

extension ByteString: Comparable {
    /// By the values of the bytes, as `LC_ALL=C sort` does.
    public static func < (left: ByteString, right: ByteString) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

extension ByteString: ExpressibleByStringInterpolation, ExpressibleByArrayLiteral {
    /// Lets a text literal stand for its UTF-8.
    public init(stringLiteral value: String) {
        self.init(value)
    }

    /// Lets a list of numbers stand for bytes that are no text.
    public init(arrayLiteral elements: UInt8...) {
        self.init(elements)
    }
}

extension ByteString: CustomStringConvertible {
    /// The text when it is printable UTF-8; otherwise each odd byte as `\xNN`: no two names look alike.
    public var description: String {
        let isPrintable = bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "\\") }
        if isPrintable, let text = String(validating: bytes, as: UTF8.self) { return text }
        return bytes.map(Self.escaped).joined()
    }

    private static func escaped(_ byte: UInt8) -> String {
        if byte == UInt8(ascii: "\\") { return "\\\\" }
        if (0x20..<0x7f).contains(byte) { return String(UnicodeScalar(byte)) }
        let digits = String(byte, radix: 16)
        return "\\x" + (digits.count < 2 ? "0" : "") + digits
    }
}
