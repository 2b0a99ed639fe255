import NixClosure
import Rootfs
import StoreFixture
import SystemCalls
import TestSupport
import Testing
import TreeCopy

/// Entries that several profiles have.
@Suite struct CollisionTests {
    private let fake: FakeStore

    init() throws { fake = try FakeStore() }

    /// A package with these files, each with the package's letter as its content.
    private func add(_ digit: Character, _ files: [ByteString]) throws {
        _ = try fake.add(digit, "\(digit)") { tree in
            for file in files { try tree.file(file, .text("\(digit)")) }
        }
    }

    private func entries(
        _ profiles: [Character], _ change: (inout RootfsAdditions) -> Void = { _ in }
    ) throws -> [RootfsEntry] {
        var additions = RootfsAdditions()
        additions.profiles = profiles.map { FakeStore.path($0) }
        change(&additions)
        return try fake.contents(Set(profiles).map { FakeStore.path($0) } + FakeStore.all, additions).entries
    }

    /// The symlinks as `PATH LETTER`, with the letter of the package that each leads to.
    private func links(_ entries: [RootfsEntry]) -> [String] {
        entries.compactMap { entry in
            guard case .symlink(let target) = entry.content else { return nil }
            return "\(entry.path) \(target.components[2].description.suffix(1))"
        }
    }

    /// A name that buildEnv ignores, and the entries with one profile and with two.
    private static let ignored: [(file: ByteString, one: [String], two: [String])] = [
        ("log", [], []), ("perllocal.pod", [], []), ("bin/log", ["bin/log a"], []),
        ("lib/perllocal.pod", ["lib/perllocal.pod a"], []), ("info/dir", ["info/dir a"], []),
        ("lib/perl5/perllocal.pod", ["lib/perl5 a"], []), ("share/info/dir", ["share/info a"], []),
        ("share/mime/mime.cache", ["share/mime a"], []), ("var/log/x", ["var/log a"], []),
    ]

    @Test("a name that buildEnv ignores is left out only in directories that are merged", arguments: ignored)
    func ignoredNames(_ names: (file: ByteString, one: [String], two: [String])) throws {
        try add("a", [names.file])
        try add("b", [names.file])
        #expect(links(try entries(["a"])) == names.one)
        #expect(links(try entries(["a", "a"])) == names.one)
        #expect(links(try entries(["a", "b"])) == names.two)
        // Other entries in the directory of one profile make it a directory, but nothing is merged.
        let beside = Path(names.file.bytes).parent.appending("beside")
        guard !names.one.isEmpty, let link = RootfsSymlink(path: beside, target: FakeStore.file) else { return }
        let found = links(try entries(["a"]) { $0.symlinks = [link] })
        #expect(found.filter { $0.hasSuffix(" a") } == ["\(names.file) a"])
    }

    /// The files of two profiles, and the links if the first one wins.
    private static let collisions: [(first: [ByteString], second: [ByteString], links: [String])] = [
        (["bin/x"], ["bin/x", "bin/y"], ["bin/x a", "bin/y b"]), (["share/x"], ["share/x/file"], ["share/x a"]),
        (["share/x/file"], ["share/x"], ["share/x a"]), (["top"], ["top/file"], ["top a"]),
        (["share/x/y/file"], ["share/x/y", "share/x/more"], ["share/x/more b", "share/x/y a"]),
    ]

    @Test("with --ignore-collisions the profile that is named first wins", arguments: collisions)
    func firstWins(_ files: (first: [ByteString], second: [ByteString], links: [String])) throws {
        try add("a", files.first)
        try add("b", files.second)
        let error = #expect(throws: RootfsConflicts.self) { try entries(["a", "b"]) }
        #expect(error?.errors.count == 1 && error?.description.contains("with --ignore-collisions") == true)
        #expect(links(try entries(["a", "b"]) { $0.ignoresCollisions = true }) == files.links)
    }

    @Test("with --ignore-collisions the order of the profiles decides, and --symlink comes first")
    func order() throws {
        for letter in ["a", "b", "c"] as [Character] { try add(letter, ["bin/x", "bin/\(letter)"]) }
        let orders: [([Character], String)] = [
            (["a", "b", "c"], "a"), (["c", "a", "b"], "c"), (["b", "c", "a"], "b"),
        ]
        for (profiles, winner) in orders {
            let found = links(try entries(profiles) { $0.ignoresCollisions = true })
            #expect(found == ["bin/a a", "bin/b b", "bin/c c", "bin/x \(winner)"])
        }
        let link = try #require(RootfsSymlink(path: "/bin/x", target: FakeStore.file))
        let linked = try entries(["a", "b"]) { ($0.ignoresCollisions, $0.symlinks) = (true, [link]) }
        #expect(linked.contains { $0.path == "bin/x" && $0.content == .symlink(target: FakeStore.file) })
        #expect(throws: RootfsConflicts.self) { try entries(["a"]) { $0.symlinks = [link] } }
    }

    @Test("with --ignore-collisions packages that a profile propagates yield to all profiles")
    func propagated() throws {
        _ = try fake.add("a", "a") { tree in
            try tree.file("bin/a", .text("a"))
            try tree.file("nix-support/propagated-user-env-packages", .text("\(FakeStore.path("c"))\n"))
        }
        try add("b", ["bin/x"])
        try add("c", ["bin/x", "bin/a"])
        var additions = RootfsAdditions()
        (additions.profiles, additions.ignoresCollisions) = ([FakeStore.path("a"), FakeStore.path("b")], true)
        let found = try fake.contents(["a", "b", "c"].map { FakeStore.path($0) }, additions).entries
        #expect(links(found) == ["bin/a a", "bin/x b"])
    }
}
