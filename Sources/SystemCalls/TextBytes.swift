/// Operations on the bytes of a text, for text that other programs compare byte by byte. As a Swift character, `=` with
/// a combining character after it is not equal to `=`, and a composed and a decomposed letter are equal.
extension String {
    /// The text before and after the first separator, an ASCII character; the text alone if there is none.
    package func split(atFirst separator: Unicode.Scalar) -> [String] {
        guard let index = utf8.firstIndex(of: UInt8(ascii: separator)) else { return [self] }
        return [String(self[..<index]), String(self[utf8.index(after: index)...])]
    }

    /// Whether the bytes of the text begin with those of the other text.
    package func startsWithBytes(of other: String) -> Bool { utf8.starts(with: other.utf8) }
}

/// A text that equals another if it has the same bytes, and is ordered by them.
package struct TextBytes: Hashable, Comparable {
    package let text: String

    package init(_ text: String) { self.text = text }

    package static func == (a: TextBytes, b: TextBytes) -> Bool { a.text.utf8.elementsEqual(b.text.utf8) }

    package static func < (a: TextBytes, b: TextBytes) -> Bool { a.text.utf8.lexicographicallyPrecedes(b.text.utf8) }

    package func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }
}
