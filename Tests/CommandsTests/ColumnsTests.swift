import SystemCalls
import Testing

@testable import Commands

@Suite struct ColumnsTests {
    private func columns(_ width: Int?) -> Columns {
        var columns = Columns(width: width)
        columns.add(["own", "path"], .heading)
        columns.add(["1.5 MiB", String(repeating: "a", count: 60) + String(repeating: "b", count: 60)], .warning)
        columns.add(["2 B", "short"])
        return columns
    }

    @Test(arguments: [40, 80, 200]) func rowsFitTheTerminal(_ width: Int) {
        for line in columns(width).lines {
            #expect(line.text.count <= width)
        }
        // Both ends of a name tell something.
        let long = columns(width).lines[1].text
        #expect(long.contains("aaa") && long.contains("bbb"))
        #expect(long.contains("…") == (width < 130))
    }

    @Test func whatIsNoTerminalGetsAllAndNoColours() {
        let lines = columns(nil).lines
        let texts = lines.map(\.text)
        #expect(texts[1] == "1.5 MiB  " + String(repeating: "a", count: 60) + String(repeating: "b", count: 60))
        #expect(texts[2] == "    2 B  short")
        #expect(lines.allSatisfy { $0.style == .plain })
    }

    @Test(
        arguments: [
            ("500", 500), ("500M", 500 << 20), ("500MiB", 500 << 20), ("200MB", 200_000_000), ("1.5GiB", 3 << 29),
            ("1k", 1024),
            ("2 GB", 2_000_000_000), ("7B", 7),
        ] as [(String, UInt64)])
    func sizes(_ text: String, _ bytes: UInt64) { #expect(ByteSize(text)?.bytes == bytes) }

    @Test(arguments: ["", "M", "-1", "1.2.3", "5X", "1MiBB", "1e9", "99999999P"])
    func noSizes(_ text: String) { #expect(ByteSize(text) == nil) }
}
