import SystemCalls
import Testing

@Suite struct PathTests {
    @Test(arguments: [
        ("a/b", "a", "b"), ("/a/b", "/a", "b"), ("/a", "/", "a"), ("a", ".", "a"), ("/", "/", "/"), ("a/b//", "a", "b"),
        ("a//b", "a", "b"), ("//a", "/", "a"), ("///", "/", "/"), ("", ".", ""), (".", ".", "."), ("a/.", "a", "."),
    ])
    func hasParentAndLastComponent(_ path: String, _ parent: String, _ last: String) {
        #expect(Path(path).parent == Path(parent))
        #expect(Path(path).lastComponent == Path(last))
    }

    @Test(arguments: [("a/", "a"), ("a///", "a"), ("/", "/"), ("//", "/"), ("", ""), ("a/b", "a/b")])
    func losesSlashesAtTheEnd(_ path: String, _ kept: String) {
        #expect(Path(path).withoutTrailingSlashes == Path(kept))
    }

    @Test(arguments: [("a", "b", "a/b"), ("a/", "b", "a/b"), ("/", "b", "/b"), ("", "b", "b"), ("a", "b/c", "a/b/c")])
    func isJoinedByOneSlash(_ left: String, _ right: String, _ whole: String) {
        #expect(Path(left).appending(Path(right)) == Path(whole))
        #expect(Path(left).appending(Name(right)) == Path(whole))
    }

    @Test(arguments: [
        ("a/b", "a", true), ("a/b", "a/", true), ("a", "a", true), ("ab", "a", false), ("/a", "/", true),
        ("a", "a/b", false), ("/nix/store/x", "/nix/store", true), ("/nix/store2", "/nix/store", false),
    ])
    func prefixesEndAtSlashes(_ path: String, _ prefix: String, _ has: Bool) {
        #expect(Path(path).hasPrefix(Path(prefix)) == has)
    }

    @Test func componentsLeaveOutWhatMeansNothing() {
        #expect(Path("/a//./b/../c/").components == ["a", "b", "..", "c"])
        #expect(Path("/").components == [])
        #expect(Path("/a").isAbsolute && !Path("a").isAbsolute && !Path("").isAbsolute)
    }

    @Test func isBytes() {
        #expect(Path([0x61, 0xff, 0x62]).bytes == [0x61, 0xff, 0x62])
        #expect(Path([0x61, 0, 0x62]).bytes == [0x61])
        #expect(Path([0x61, 0xff]).description == "a\u{fffd}")
        #expect(Path([0xff]) > Path("z") && Path("a") < Path("a/") && Path("a.b") < Path("a/b"))
    }

    @Test func namesAreBytesToo() {
        #expect(Name([0x61, 0xff]).bytes == [0x61, 0xff])
        #expect(Name([0x61, 0, 0x62]).bytes == [0x61])
        #expect(Name("é").bytes == [0xc3, 0xa9])
        #expect(Name([0x7f]) < Name([0x80]) && Name("") < Name("a"))
        #expect(Set([Name("a"), Name(Path("a"))]).count == 1)
    }
}
