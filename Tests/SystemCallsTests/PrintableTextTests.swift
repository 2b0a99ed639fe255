import SystemCalls
import Testing

/// Text from outside in messages.
@Suite struct PrintableTextTests {
    @Test(
        "characters that control a terminal are escaped",
        arguments: [
            ("plain 'é😀' \\n", "plain 'é😀' \\n"), ("a\nb\r\u{0}", "a\\nb\\r\\000"),
            ("\u{1b}[2J\u{7f}", "\\033[2J\\177"),
            ("\u{80}\u{9b}\u{9f}", "\\302\\200\\302\\233\\302\\237"),
            ("\u{2028}\u{2029}", "\\342\\200\\250\\342\\200\\251"),
            ("\u{202a}\u{202e}\u{2066}\u{2069}", "\\342\\200\\252\\342\\200\\256\\342\\201\\246\\342\\201\\251"),
            ("\u{200f}\u{61c}\u{feff}", "\\342\\200\\217\\330\\234\\357\\273\\277"), ("", ""),
        ])
    func escapes(text: String, printable: String) { #expect(text.printable == printable) }

    @Test("text that was escaped or quoted before stays as it is")
    func escapesOnce() {
        for text in Self.characters {
            #expect(text.printable.printable == text.printable)
            #expect(Path(text).quoted.printable == Path(text).quoted)
        }
    }

    @Test("no escaped text, quoted path or quoted argument has a character that controls a terminal")
    func leavesNothing() {
        for text in Self.characters {
            for shown in [text.printable, Path(text).quoted, Path(text).quotedWhereNeeded, MessageLocale.quoted(text)] {
                #expect(!shown.unicodeScalars.contains { $0.controlsTerminal }, "\(Array(text.utf8))")
            }
        }
    }

    /// The first characters, and those among which formatting characters are.
    private static let characters: [String] = {
        let numbers = Array(UInt32(0)...0x2fff) + Array(UInt32(0xfe00)...0xffff) + Array(UInt32(0xe0000)...0xe007f)
        return numbers.compactMap { Unicode.Scalar($0) }.map { "a\($0)b" }
    }()

    @Test(
        "an argument is quoted as gnulib quotes it",
        arguments: [("a\u{1b}'\\b\n", "'a\\033\\'\\\\b\\n'"), ("é", "'é'"), ("", "''")])
    func quotesArguments(text: String, quoted: String) { #expect(MessageLocale.quoted(text) == quoted) }
}
