import NixClosure
import Rootfs
import StoreFixture
import SystemCalls
import TestSupport
import Testing

/// The packages that profiles propagate to user environments.
@Suite struct PropagationTests {
    private let fake: FakeStore

    init() throws { fake = try FakeStore() }

    private static func path(_ digit: Character) -> Path {
        Path("/nix/store/\(String(repeating: digit, count: 32))-\(digit)")
    }

    /// A package with these files, each with the package's letter as its content, which propagates others.
    private func add(_ digit: Character, _ files: [ByteString], propagates others: [Character] = []) throws {
        _ = try fake.add(digit, "\(digit)") { tree in
            for file in files { try tree.file(file, .text("\(digit)")) }
            let text = others.map { "\(Self.path($0))" }.joined(separator: " ") + "\n"
            if !others.isEmpty { try tree.file("nix-support/propagated-user-env-packages", .text(text)) }
        }
    }

    /// The symlinks as `PATH LETTER`, with the letter of the package that each leads to.
    private func links(_ profiles: [Character], of all: [Character]) throws -> [String] {
        var additions = RootfsAdditions()
        additions.profiles = profiles.map(Self.path)
        return try fake.contents(all.map(Self.path), additions).entries.compactMap { entry in
            guard case .symlink(let target) = entry.content else { return nil }
            return "\(entry.path) \(target.components[2].description.suffix(1))"
        }
    }

    @Test("propagated packages are linked, and those that they propagate, each once")
    func rounds() throws {
        try add("a", ["bin/a"], propagates: ["b", "c"])
        try add("b", ["share/b/x"], propagates: ["d", "a"])
        try add("c", ["share/c/x"], propagates: ["d"])
        try add("d", ["lib/d"])
        #expect(try links(["a"], of: ["a", "b", "c", "d"]) == ["bin/a a", "lib/d d", "share/b b", "share/c c"])
    }

    /// The files of a profile and of the package that it propagates, and the links with their packages.
    private static let collisions: [(files: [ByteString], propagated: [ByteString], links: [String])] = [
        (["bin/x"], ["bin/x", "bin/y"], ["bin/x a", "bin/y b"]),
        (["share/x"], ["share/x/file"], ["share/x a"]),
        (["share/x/file"], ["share/x"], ["share/x a"]),
        (["share/x/file"], ["share/x/file", "share/x/more"], ["share/x/file a", "share/x/more b"]),
        (["share/x/y/file"], ["share/x/y", "share/x/more"], ["share/x/more b", "share/x/y a"]),
        (["top"], ["top/file"], ["top a"]), (["top/file"], ["top"], ["top/file a"]),
    ]

    @Test("propagated packages yield to profiles without a conflict", arguments: collisions)
    func collision(_ packages: (files: [ByteString], propagated: [ByteString], links: [String])) throws {
        let (files, propagated, expected) = packages
        try add("a", files, propagates: ["b"])
        try add("b", propagated)
        #expect(try links(["a"], of: ["a", "b"]) == expected)
    }

    @Test("of two propagated packages, the first in byte order wins")
    func propagatedCollision() throws {
        try add("a", ["bin/a"], propagates: ["c", "b"])
        try add("b", ["bin/x", "share/file"])
        try add("c", ["bin/x", "share/file/y"])
        #expect(try links(["a"], of: ["a", "b", "c"]) == ["bin/a a", "bin/x b", "share/file b"])
    }

    @Test("a propagated package that the user names does not yield")
    func namedPackage() throws {
        try add("a", ["bin/x"], propagates: ["b"])
        try add("b", ["bin/x"])
        let error = #expect(throws: RootfsConflicts.self) { try links(["a", "b"], of: ["a", "b"]) }
        #expect(error?.errors.map(\.path) == ["bin/x"])
    }

    @Test(
        "an entry of propagated-user-env-packages that is not an existing store path is an error with the file's path",
        arguments: [
            "hello", "/usr/bin", "/nix/store", "/nix/store/x", "../b", "\(path("b"))/bin", "\(path("b"))\u{0}x",
            "\(path("c"))", "\(path("b")) x",
        ])
    func malformedEntries(_ text: String) throws {
        _ = try fake.add("a", "a") { tree in
            try tree.file("nix-support/propagated-user-env-packages", .text("\(text)\n"))
        }
        try add("b", ["bin/b"])
        let error = #expect(throws: RootfsConflicts.self) { try links(["a"], of: ["a", "b"]) }
        let file = Self.path("a").appending("nix-support/propagated-user-env-packages")
        #expect(error?.errors.map(\.path) == [file])
        #expect(error?.description.contains("'\(file)' names ") == true)
    }

    @Test("propagated packages may be separated by any white space")
    func whiteSpace() throws {
        _ = try fake.add("a", "a") { tree in
            let text = "\n\(Self.path("b"))\t\(Self.path("c"))\r\n"
            try tree.file("nix-support/propagated-user-env-packages", .text(text))
        }
        try add("b", ["bin/b"])
        try add("c", ["bin/c"])
        #expect(try links(["a"], of: ["a", "b", "c"]) == ["bin/b b", "bin/c c"])
    }

    @Test("a propagated file is not linked, and a package outside the closure is an error")
    func otherPackages() throws {
        try add("a", ["bin/a"], propagates: ["b"])
        try TreeBuilder.build(at: fake.root) { try $0.file(ByteString(Self.path("b").bytes), .text("file")) }
        #expect(try links(["a"], of: ["a", "b"]) == ["bin/a a"])
        let error = #expect(throws: RootfsConflicts.self) { try links(["a"], of: ["a"]) }
        #expect(error?.errors.map(\.path) == [Self.path("b")])
    }
}
