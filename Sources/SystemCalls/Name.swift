import Glibc

/// The name of a directory entry: bytes without NUL, rarely UTF-8's business.
///
/// With `Directory.current` it may be a whole path, as a user's operand is.
package struct Name: Hashable, Sendable, Comparable {
    let cString: [CChar]

    /// Bytes up to, and without, the first NUL.
    package init(_ bytes: some Collection<UInt8>) {
        cString = bytes.prefix { $0 != 0 }.map(CChar.init(bitPattern:)) + [0]
    }

    /// Copies the bytes of an array up to the first NUL. It is not generic, so that it is as fast in other modules as
    /// in this one.
    package init(_ bytes: [UInt8]) {
        cString = bytes.withUnsafeBytes { bytes in
            let count = bytes.firstIndex(of: 0) ?? bytes.count
            return [CChar](unsafeUninitializedCapacity: count + 1) { buffer, filled in
                UnsafeMutableRawBufferPointer(buffer).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
                buffer[count] = 0
                filled = count + 1
            }
        }
    }

    package init(_ text: String) { self.init(Array(text.utf8)) }

    package init(_ path: Path) { self.init(path.bytes) }

    /// A NUL-terminated name of `count` bytes, as the kernel writes it.
    init(_ start: UnsafePointer<CChar>, count: Int) {
        cString = Array(UnsafeBufferPointer(start: start, count: count + 1))
    }

    /// The beginning of all temporary names.
    package static let temporaryPrefix = ".repot-"

    /// One that nobody else has, for what gets its own name later.
    package static func temporary() -> Name {
        Name(temporaryPrefix + String(UInt64.random(in: .min ... .max), radix: 36))
    }

    /// Whether it looks like one of those.
    package var isTemporary: Bool { strncmp(cString, Self.temporaryPrefix, Self.temporaryPrefix.utf8.count) == 0 }

    package var bytes: [UInt8] { cString.dropLast().map(UInt8.init(bitPattern:)) }

    /// Byte order, whatever the locale.
    package static func < (a: Name, b: Name) -> Bool { a.bytes.lexicographicallyPrecedes(b.bytes) }
}

/// A path as bytes. It becomes text only on its way to a person.
public struct Path: Hashable, Sendable, Comparable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The bytes, without a NUL.
    public var bytes: [UInt8]

    /// Takes the bytes up to, and without, the first NUL.
    public init(_ bytes: some Collection<UInt8>) { self.init(Array(bytes)) }

    /// Takes the bytes up to, and without, the first NUL. Not generic, and so as fast elsewhere as in this module.
    public init(_ bytes: [UInt8]) { self.bytes = bytes.firstIndex(of: 0).map { Array(bytes[..<$0]) } ?? bytes }

    /// The UTF-8 bytes of a text.
    public init(_ text: String) { self.init(text.utf8) }

    /// The UTF-8 bytes of a text; nil if it has a NUL byte, which no path has.
    package init?(exactly text: String) {
        guard !text.utf8.contains(0) else { return nil }
        self.init(text)
    }

    /// The UTF-8 bytes of a literal.
    public init(stringLiteral text: String) { self.init(text) }

    /// For people: bytes that are not UTF-8 appear as the replacement character.
    public var description: String { String(decoding: bytes, as: UTF8.self) }

    /// Byte order, whatever the locale.
    public static func < (a: Path, b: Path) -> Bool {
        a.bytes.withUnsafeBytes { one in b.bytes.withUnsafeBytes { one.precedes($0) } }
    }

    // What Swift would make of these goes byte by byte, and a closure has a hundred thousand paths.

    /// The same bytes.
    public static func == (a: Path, b: Path) -> Bool {
        a.bytes.withUnsafeBytes { one in b.bytes.withUnsafeBytes { one.hasSameBytes(as: $0) } }
    }

    /// Takes the bytes.
    public func hash(into hasher: inout Hasher) { bytes.withUnsafeBytes { hasher.combine(bytes: $0) } }
}

extension Path {
    package static let slash = UInt8(ascii: "/")

    package var isAbsolute: Bool { bytes.first == Path.slash }

    /// The components between slashes; empty ones and `.` are left out.
    package var components: [Path] {
        bytes.split(separator: Path.slash).filter { $0 != [UInt8(ascii: ".")] }.map { Path($0) }
    }

    /// Those with a slash between them: a relative path.
    package init(joining components: some Sequence<Path>) {
        var joined: [UInt8] = []
        for component in components {
            if !joined.isEmpty { joined.append(Path.slash) }
            joined += component.bytes
        }
        self.init(joined)
    }

    /// Relative, without `.`, and without `..` as far as something is before it.
    package var normal: Path {
        var kept: [Path] = []
        for component in components {
            if component == ".." { _ = kept.popLast() } else { kept.append(component) }
        }
        return Path(joining: kept)
    }

    /// Without slashes at the end; `/` stays.
    package var withoutTrailingSlashes: Path {
        var kept = bytes[...]
        while kept.count > 1, kept.last == Path.slash { kept.removeLast() }
        return Path(kept)
    }

    /// The part after the last slash, slashes at the end aside; `/` for the root.
    package var lastComponent: Path {
        let trimmed = withoutTrailingSlashes.bytes
        guard let slash = trimmed.lastIndex(of: Path.slash), trimmed.count > 1 else { return Path(trimmed) }
        return Path(trimmed[(slash + 1)...])
    }

    /// The part before the last component: `.` where there is none.
    package var parent: Path {
        let trimmed = withoutTrailingSlashes.bytes
        guard let slash = trimmed.lastIndex(of: Path.slash) else { return "." }
        return slash == 0 ? "/" : Path(trimmed[..<slash]).withoutTrailingSlashes
    }

    /// Another name in the same directory, as the path tells of it.
    package func sibling(_ name: Name) -> Path {
        let trimmed = withoutTrailingSlashes.bytes
        guard let slash = trimmed.lastIndex(of: Path.slash) else { return Path(name.bytes) }
        return Path(trimmed[...slash] + name.bytes)
    }

    /// Joined by one slash; an absolute or empty receiver is respected.
    package func appending(_ other: Path) -> Path {
        if bytes.isEmpty { return other }
        return Path(bytes.last == Path.slash ? bytes + other.bytes : bytes + [Path.slash] + other.bytes)
    }

    package func appending(_ name: Name) -> Path { appending(Path(name.bytes)) }

    package func hasPrefix(_ prefix: Path) -> Bool {
        let start = prefix.withoutTrailingSlashes.bytes
        guard bytes.starts(with: start) else { return false }
        return bytes.count == start.count || start.last == Path.slash || bytes[start.count] == Path.slash
    }
}
