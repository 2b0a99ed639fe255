import JSON
import Testing

@Suite struct JSONReaderTests {
    private func read(_ text: String) throws -> JSONValue { try JSONReader.value(of: Array(text.utf8)) }

    @Test(arguments: [
        "null", "true", "false", "0", "-12", "1.5", "\"\"", "\"a\\\"b\\\\c\"", "[]", "{}", "[1,[2,{\"a\":null}]]",
        "{\"a\":1,\"b\":\"x\"}", "\"caf\u{e9} \u{1f600}\"", "9007199254740991",
    ])
    func writtenAgain(_ text: String) throws { #expect(try read(text).text == text) }

    @Test func spaceAndEscapes() throws {
        #expect(
            try read(" [ 1 ,\t\"\\u0041\\n\\ud83d\\ude00\\/\" ]\r\n") == .array([.number(1), .string("A\n\u{1f600}/")]))
        #expect(try read("[1e3, 2E-1]") == .array([.number(1000), .number(0.2)]))
    }

    @Test(arguments: [
        ("", 1), ("{", 1), ("[1,\n,2]", 2), ("[1\n\n2]", 3), ("{\"a\"\n1}", 2), ("{1:2}", 1), ("\"a", 1),
        ("[\"\\x\"]", 1),
        ("[\n\"\\u12\"]", 2), ("\"\\u+123\"", 1),
        ("nul", 1), ("1 2", 1), ("[1,]", 1), ("{\"a\":1,}", 1), ("\"a\nb\"", 1), ("1.", 1),
        ("-", 1), ("01", 1), ("-00", 1), ("[0,\n00.5]", 2), ("1.e5", 1), ("-.5", 1), ("1e", 1), ("1e+", 1),
    ])
    func malformed(_ text: String, _ line: Int) {
        let error = #expect(throws: JSONReader.Failure.self) { try read(text) }
        #expect(error?.line == line, "\(String(describing: error))")
    }

    @Test func deepTextsAreRefused() throws {
        let levels = { (count: Int) in String(repeating: "[", count: count) + String(repeating: "]", count: count) }
        _ = try read(levels(256))
        #expect(throws: JSONReader.Failure.self) { try read(levels(100_000)) }
    }

    @Test("a text with more than 5,000,000 values is refused")
    func refusesManyValues() {
        var text = Array("[0".utf8)
        for _ in 0..<5_000_000 { text += [UInt8(ascii: ","), UInt8(ascii: "0")] }
        #expect(throws: JSONReader.Failure.self) { try JSONReader.value(of: text + [UInt8(ascii: "]")]) }
    }

    @Test func lastMemberOfAKeyCounts() throws { #expect(try read("{\"a\":1,\"a\":2}")["a"] == .number(2)) }
}

@Suite struct JSONValueTests {
    @Test(arguments: [
        ("plain", #""plain""#), ("\"\\/", #""\"\\/""#), ("\n\t\u{0}\u{1f}", #""\u000a\u0009\u0000\u001f""#),
        ("é€😀\u{7f}", #""é€😀\u007f""#), ("", #""""#),
    ])
    func stringsAreEscaped(text: String, json: String) { #expect(JSONValue.string(text).text == json) }

    @Test(
        "characters that control a terminal are escaped, and read back unchanged",
        arguments: ["\u{80}\u{9b}\u{9f}", "a\u{202e}b\u{2066}", "\u{2028}\u{2029}", "\u{feff}", "\u{e0001}", "\u{ad}"])
    func controlCharactersAreEscaped(text: String) throws {
        let json = JSONValue.object([(text, .string(text))])
        #expect(json.text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f })
        #expect(try JSONReader.value(of: Array(json.text.utf8)) == json)
    }

    @Test func valuesAreWritten() {
        let value = JSONValue.object([
            ("b", .array([.null, .bool(true), .number(3), .number(0.25), .number(-1e3)])), ("a", .object([])),
            ("k\"", .array([])),
        ])
        #expect(value.text == #"{"b":[null,true,3,0.25,-1000],"a":{},"k\"":[]}"#)
        #expect(JSONValue.number(9_007_199_254_740_991).text == "9007199254740991")
        #expect(JSONValue.number(1e300).text == "1e+300")
        #expect(JSONValue.number(-0x1p63).text == "-9223372036854775808")
    }
}
