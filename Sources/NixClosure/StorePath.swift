package import References
public import SystemCalls

/// The name of one top-level entry of a store: 32 characters of a hash, a dash, and a name.
/// Source: Nix manual, 'Store Path'.
public struct StorePath: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The entry's name, such as `…-glibc-2.38`.
    public let baseName: Path

    /// Returns nil if the path is not the name of a store path.
    public init?(baseName: Path) {
        guard Self.isName(baseName.bytes[...]) else { return nil }
        self.baseName = baseName
    }

    /// Returns nil if the bytes are not the name of a store path. All bytes are checked, whereas a `Path` made of them
    /// would end before the first NUL byte.
    package init?(baseName bytes: ArraySlice<UInt8>) {
        guard Self.isName(bytes) else { return nil }
        baseName = Path(Array(bytes))
    }

    private static func isName(_ bytes: ArraySlice<UInt8>) -> Bool {
        let dash = bytes.startIndex + HashPart.length
        guard bytes.count > HashPart.length + 1, bytes[dash] == UInt8(ascii: "-"), HashPart(bytes[..<dash]) != nil
        else { return false }
        let name = bytes[(dash + 1)...]
        return name.count <= NamePart.longest && name.allSatisfy(NamePart.mayHave) && !isDotName(name)
    }

    /// What follows the hash and the dash.
    public var name: String { String(decoding: baseName.bytes.dropFirst(HashPart.length + 1), as: UTF8.self) }

    /// `.` and `..`, alone or before a dash, are no names.
    private static func isDotName(_ name: ArraySlice<UInt8>) -> Bool {
        guard name.first == UInt8(ascii: ".") else { return false }
        let start = name.prefix { $0 != UInt8(ascii: "-") }
        return start.elementsEqual(".".utf8) || start.elementsEqual("..".utf8)
    }

    /// What references to it are found by.
    package var hashPart: HashPart { HashPart(beginning: baseName.bytes[...]) }

    /// The name as text; it is ASCII.
    public var description: String { baseName.description }

    /// By its own hash alone, which differs from path to path.
    public func hash(into hasher: inout Hasher) {
        baseName.bytes.withUnsafeBytes { name in
            hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: name.prefix(HashPart.length)))
        }
    }

    /// Byte order.
    public static func < (a: StorePath, b: StorePath) -> Bool { a.baseName < b.baseName }
}

extension StorePath {
    /// Whether the byte may occur in a store path's name.
    package static func mayContain(_ byte: UInt8) -> Bool { NamePart.mayHave(byte) }
}
