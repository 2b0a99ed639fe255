import NixClosure
import SystemCalls
import Testing

/// Names that Nix makes, and names that it does not: checkName in its src/libstore/path.cc.
@Suite struct StorePathTests {
    private static let hash = "0123456789abcdfghijklmnpqrsvwxyz"

    @Test(arguments: ["a", "glibc-2.38", "A+-._?=z", ".hidden", "...", ".a-b", String(repeating: "n", count: 211)])
    func valid(_ name: String) {
        #expect(StorePath(baseName: Path("\(Self.hash)-\(name)")) != nil)
    }

    @Test(arguments: [
        "", ".", "..", ".-a", "..-a", "a b", "a/b", "a~", "ä", "a\n", String(repeating: "n", count: 212),
    ])
    func invalidName(_ name: String) {
        #expect(StorePath(baseName: Path("\(Self.hash)-\(name)")) == nil)
    }

    @Test(arguments: [
        "", "a", "-a", "0123456789abcdfghijklmnpqrsvwxy-a", "0123456789abcdfghijklmnpqrsvwxyz0-a",
        "0123456789abcdfghijklmnpqrsvwxyz", "0123456789abcdfghijklmnpqrsvwxyz_a",
        "e123456789abcdfghijklmnpqrsvwxyz-a", "o123456789abcdfghijklmnpqrsvwxyz-a",
        "t123456789abcdfghijklmnpqrsvwxyz-a", "u123456789abcdfghijklmnpqrsvwxyz-a",
        "A123456789abcdfghijklmnpqrsvwxyz-a", ".repot-0-1",
    ])
    func invalidHash(_ name: String) {
        #expect(StorePath(baseName: Path(name)) == nil)
    }

    @Test func orderIsByBytes() throws {
        let names = ["-Z", "-a", "-a.b", "-aa"].map { Path(Self.hash + $0) }
        #expect(names.reversed().compactMap { StorePath(baseName: $0) }.sorted().map(\.baseName) == names)
    }
}
