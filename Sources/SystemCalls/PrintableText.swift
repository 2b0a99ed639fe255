extension Unicode.Scalar {
    /// Whether a terminal obeys the character or changes the text around it: control characters, line ends, and
    /// formatting characters, among them those for the direction of text. Source: The Unicode Standard, 4.5.
    package var controlsTerminal: Bool {
        if isASCII { return value < 0x20 || value == 0x7f }
        // Box drawing, for which the look-up of the category takes most of the time to print a tree.
        if (0x2500...0x257f).contains(value) { return false }
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: return true
        default: return false
        }
    }

    /// Whether quotes show the character as it is. Source: gnulib, quotearg, which uses iswprint(3).
    var isPrintable: Bool {
        if controlsTerminal { return false }
        switch properties.generalCategory {
        case .surrogate, .unassigned, .privateUse: return false
        default: return true
        }
    }
}

extension String {
    /// The text in one line, with an escape for each character that controls a terminal. Text that was quoted before
    /// has no such character and stays as it is.
    package var printable: String {
        if utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) { return self }
        if !unicodeScalars.contains(where: { $0.controlsTerminal }) { return self }
        var text = ""
        for scalar in unicodeScalars {
            if scalar.controlsTerminal {
                text += CharacterEscape.text(of: scalar)
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

/// Escapes of bytes, as `$'…'` in a shell reads them.
enum CharacterEscape {
    /// A letter or three octal digits after a backslash.
    static func text(of byte: UInt8) -> String {
        if let letter = letters[byte] { return letter }
        let digits = String(byte, radix: 8)
        return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
    }

    /// The escapes of all bytes of the character in UTF-8.
    static func text(of scalar: Unicode.Scalar) -> String {
        String(scalar).utf8.map { text(of: $0) }.joined()
    }

    private static let letters: [UInt8: String] = [
        7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r",
    ]
}
