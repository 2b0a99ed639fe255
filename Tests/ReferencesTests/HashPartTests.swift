import References
import Testing

@Suite struct HashPartTests {
    @Test(arguments: ["", "0123", "0123456789abcdfghijklmnpqrsvwxyz0", "e123456789abcdfghijklmnpqrsvwxyz"])
    func refused(_ text: String) { #expect(HashPart(text.utf8) == nil) }

    @Test func taken() { #expect(HashPart("0123456789abcdfghijklmnpqrsvwxyz".utf8) != nil) }
}
