extension Path {
    /// The path in quotes, for messages: as a shell reads it, with an escape for each byte that is not printable
    /// in the character set of messages, so that no name can hide or control a terminal. Source: coreutils, 'Formatting file
    /// names', shell-escape-always.
    package var quoted: String {
        var quotation = Quotation()
        var offset = 0
        while offset < bytes.count {
            let (scalar, length) = Self.scalar(in: bytes[offset...])
            quotation.add(scalar, bytes[offset..<offset + length])
            offset += length
        }
        return quotation.text
    }

    /// The path in quotes, and only its beginning if it is much longer than a path can be: for text from documents.
    package var quotedStart: String {
        bytes.count <= Self.maxQuoted ? quoted : Path(bytes.prefix(Self.maxQuoted)).quoted + "…"
    }

    private static let maxQuoted = 8192

    /// The path before a colon: as it is, unless a shell or the colon would make something else of it. Source:
    /// coreutils, 'Formatting file names', shell-escape.
    package var quotedWhereNeeded: String {
        let safe = Set("%+,-./@]_".utf8)
        let isPlain = bytes.allSatisfy { byte in
            safe.contains(byte) || (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
        }
        return isPlain && !bytes.isEmpty ? description : quoted
    }

    /// The character at the start, nil for bytes that are none, and how many bytes it takes.
    private static func scalar(in bytes: ArraySlice<UInt8>) -> (Unicode.Scalar?, Int) {
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        switch parser.parseScalar(from: &iterator) {
        case .valid(let encoded): return (Unicode.UTF8.decode(encoded), encoded.count)
        case .error(let length): return (nil, length)
        case .emptyInput: return (nil, 1)
        }
    }
}

/// Text between apostrophes, and between `$'` and `'` what needs escapes.
private struct Quotation {
    private var quoted = "'"
    private var plain = ""
    private var isEscaping = false
    private var hasApostrophe = false
    /// Nothing in it means anything between double quotes.
    private var isTame = true

    var text: String { hasApostrophe && isTame ? "\"\(plain)\"" : quoted + "'" }

    mutating func add(_ scalar: Unicode.Scalar?, _ bytes: ArraySlice<UInt8>) {
        guard let scalar, scalar.isPrintable, scalar.isASCII || MessageLocale.showsAllCharacters else {
            return addEscapes(bytes)
        }
        if isEscaping { quoted += "''" }
        isEscaping = false
        if scalar == "'" {
            hasApostrophe = true
            quoted += "'\\''"
        } else {
            quoted.unicodeScalars.append(scalar)
        }
        if ["\"", "$", "`", "\\", "!"].contains(scalar) { isTame = false }
        plain.unicodeScalars.append(scalar)
    }

    private mutating func addEscapes(_ bytes: ArraySlice<UInt8>) {
        if !isEscaping { quoted += "'$'" }
        isEscaping = true
        isTame = false
        for byte in bytes { quoted += CharacterEscape.text(of: byte) }
    }
}
