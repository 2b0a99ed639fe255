import SystemCalls
import Testing

/// Names in messages, as GNU's programs quote them.
@Suite struct QuotedPathTests {
    @Test(arguments: [
        ("", "''"), ("plain", "'plain'"), ("two words", "'two words'"), ("a'b", "\"a'b\""), ("a'b\"", "'a'\\''b\"'"),
        ("a'$b", "'a'\\''$b'"), ("é😀", "'é😀'"), ("a\nb", "'a'$'\\n''b'"), ("\u{1b}[1m", "''$'\\033''[1m'"),
        ("a\u{202e}b", "'a'$'\\342\\200\\256''b'"), ("a\t", "'a'$'\\t'"), ("'\n", "''\\'''$'\\n'"),
    ])
    func textIsQuoted(text: String, quoted: String) { #expect(Path(text).quoted == quoted) }

    @Test func bytesThatAreNoTextAreEscaped() {
        #expect(Path([0x61, 0xff, 0xfe, 0x62]).quoted == "'a'$'\\377\\376''b'")
        #expect(Path([0xc3, 0xa9, 0xc3, 0x28]).quoted == "'é'$'\\303''('")
        #expect(Path([0xe2, 0x80]).quoted == "''$'\\342\\200'")
    }
}
