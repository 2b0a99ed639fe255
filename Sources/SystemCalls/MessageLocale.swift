import Glibc
import Synchronization

/// The character set of messages. Without a call of `follow()` it is UTF-8, whatever the environment says.
package enum MessageLocale {
    private static let isFollowed = Atomic<Bool>(false)

    /// Makes quotes follow the locale of the environment, as those of GNU programs do.
    package static func follow() { isFollowed.store(true, ordering: .relaxed) }

    /// The text in the quotation marks of the locale, with a backslash before each backslash and closing mark, and
    /// escapes for characters that are not printable. Source: gnulib, locale_quoting_style.
    package static func quoted(_ text: String) -> String {
        let marks: (open: Unicode.Scalar, close: Unicode.Scalar) =
            isFollowed.load(ordering: .relaxed) && isUTF8 ? ("‘", "’") : ("'", "'")
        var quoted = String(marks.open)
        for scalar in text.unicodeScalars {
            if scalar == "\\" || scalar == marks.close { quoted += "\\" }
            let isShown = scalar.isASCII ? !scalar.controlsTerminal : showsAllCharacters && scalar.isPrintable
            if isShown { quoted.unicodeScalars.append(scalar) } else { quoted += CharacterEscape.text(of: scalar) }
        }
        quoted.unicodeScalars.append(marks.close)
        return quoted
    }

    /// Whether characters beyond ASCII can be shown.
    static var showsAllCharacters: Bool { !isFollowed.load(ordering: .relaxed) || isUTF8 }

    /// Found on first use: setlocale(3) may open files.
    private static let isUTF8: Bool = {
        guard setlocale(LC_CTYPE, "") != nil, let name = nl_langinfo(Int32(CODESET)) else { return false }
        return String(cString: name) == "UTF-8"
    }()
}
