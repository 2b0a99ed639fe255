import SystemCalls
import Testing

/// What the C library looks for in texts and names.
@Suite struct TextSearchTests {
    /// Around every place where what is looked at together ends, with beginnings of it before.
    @Test(arguments: ["/nix/store/", "ab", "a", "aab"]) func bytesAreFoundWhereverTheyAre(_ text: String) {
        let wanted = Array(text.utf8)
        for place in 0...200 {
            for rest in [0, 1, 63, 64, 65, 130] {
                let filler = (0..<place).map { wanted[$0 % max(1, wanted.count - 1)] }
                let before = filler.indices.map { $0 % 3 == 2 ? UInt8(ascii: ".") : filler[$0] }
                let bytes = before + wanted + [UInt8](repeating: UInt8(ascii: "n"), count: rest)
                for start in [0, place / 2, place, place + 1] {
                    let naive = (start...bytes.count).first { bytes[$0...].starts(with: wanted) }
                    #expect(bytes.withUnsafeBytes { $0.firstPlace(of: wanted, from: start) } == naive)
                }
            }
        }
    }

    @Test func outsideNothingIsFound() {
        let bytes: [UInt8] = [1, 2, 3]
        #expect(bytes.withUnsafeBytes { $0.firstPlace(of: [1], from: 4) } == nil)
        #expect(bytes.withUnsafeBytes { $0.firstPlace(of: [3, 4], from: 0) } == nil)
        #expect([UInt8]().withUnsafeBytes { $0.firstPlace(of: [1], from: 0) } == nil)
    }

    @Test func patternsMatchWholeNames() {
        #expect(NamePattern("*.so").matches(".so") && NamePattern("*").matches(".hidden"))
        #expect(NamePattern("l[a-c]?b").matches("lbib") && !NamePattern("l[a-c]?b").matches("ldib"))
        #expect(!NamePattern("lib").matches("libs") && !NamePattern("lib").matches("mylib"))
        #expect(NamePattern(#"a\*"#).matches("a*") && !NamePattern(#"a\*"#).matches("ab"))
        #expect(NamePattern("[").matches("[") && !NamePattern("[").matches("a"))
        #expect(NamePattern("?").matches(Name([0xff])))
    }

    @Test func expressionsOccurAnywhere() throws {
        let expression = try RegularExpression("^(gcc|stdenv)-[0-9]+")
        #expect(expression.occurs(in: "gcc-13.2") && !expression.occurs(in: "libgcc-13") && !expression.occurs(in: ""))
        let failure = #expect(throws: RegularExpression.Failure.self) { _ = try RegularExpression("(") }
        #expect(failure?.message.isEmpty == false)
    }
}
