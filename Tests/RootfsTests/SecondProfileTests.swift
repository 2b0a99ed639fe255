import NixClosure
import Rootfs
import StoreFixture
import SystemCalls
import TestSupport
import Testing
import TreeCopy

/// A profile in a destination that has the entries of another one.
@Suite struct SecondProfileTests {
    private let fake: FakeStore

    init() throws { fake = try FakeStore() }

    /// A package with these files; each has its own name as its content.
    private func add(_ digit: Character, _ files: [String]) throws {
        _ = try fake.add(digit, "\(digit)") { tree in
            for file in files { try tree.file(ByteString(file), .text(file)) }
        }
    }

    private func spec(
        _ profiles: [Character], to destination: ByteString, _ change: (inout RootfsAdditions) -> Void = { _ in }
    ) throws -> RootfsSpec {
        var spec = try fake.spec(profiles.map { FakeStore.path($0) }, to: destination)
        spec.additions.profiles = profiles.map { FakeStore.path($0) }
        change(&spec.additions)
        return spec
    }

    /// The files of two profiles.
    private static let pairs: [(one: [String], two: [String])] = [
        (["share/doc/a"], ["share/doc/b"]), (["share/doc/a", "share/b/x"], ["share/doc/b", "share/c/x"]),
        (["share/x/y/z/a", "share/x/y/a"], ["share/x/y/z/b", "share/x/b"]),
        (["share/x/y/a"], ["share/x/b", "share/x/y/c/d"]),
        (["share/doc/same", "share/doc/a"], ["share/doc/same", "share/doc/b"]),
        (["share/same"], ["share/same", "bin/b"]),
        (["bin/a"], ["bin/b"]), (["share/doc/log", "share/doc/a"], ["share/doc/b"]),
        (["etc/ssl/certs/a/x"], ["etc/ssl/certs/a/y", "etc/ssl/certs/b"]),
    ]

    @Test("adding a second profile gives the same root file system as one run with both profiles", arguments: pairs)
    func equalsOneRun(_ files: (one: [String], two: [String])) throws {
        try add("a", files.one)
        try add("b", files.two)
        #expect(try fake.stage(try spec(["a", "b"], to: "together")).errors == [])
        for profile in ["a", "b"] as [Character] {
            let report = try fake.stage(try spec([profile], to: "out"))
            #expect(report.errors == [] && report.warnings == [])
        }
        let list: (ByteString) throws -> String = { name in
            try Command.succeed(
                ["bash", "-c", "cd \"$0\" && find . -printf '%P %y %m %U:%G %T@ %l\\n' | sort", fake.scratch / name]
            ).outputText
        }
        #expect(try list("out") == list("together"))
        let before = try InodeState.all(below: fake.scratch / "out")
        for profile in ["a", "b"] as [Character] { try fake.stage(try spec([profile], to: "out")) }
        #expect(try InodeState.all(below: fake.scratch / "out") == before)
    }

    @Test("a third profile is merged with the directories of the first two")
    func thirdProfile() throws {
        for letter in ["a", "b", "c"] as [Character] {
            try add(letter, ["share/doc/\(letter)/x", "share/doc/all/\(letter)", "share/man/\(letter)"])
        }
        for profile in ["a", "b", "c"] as [Character] {
            #expect(try fake.stage(try spec([profile], to: "out")).errors == [])
        }
        for directory in ["share/doc/all", "share/man"] as [ByteString] {
            #expect(try names(fake.scratch / "out" / directory) == ["a", "b", "c"])
        }
    }

    @Test("files that differ are a conflict, and nothing is written")
    func conflict() throws {
        try add("a", ["share/doc/a"])
        _ = try fake.add("b", "b") { try $0.file("share/doc/a", .text("other")) }
        #expect(try fake.stage(try spec(["a"], to: "out")).errors == [])
        let before = try InodeState.all(below: fake.scratch / "out")
        let error = #expect(throws: RootfsConflicts.self) { try RootfsPlan(try spec(["b"], to: "out")) }
        #expect(error?.errors.map(\.path) == ["share/doc/a"])
        #expect(error?.description.contains("the destination (\(FakeStore.path("a"))/share/doc/a)") == true)
        #expect(try InodeState.all(below: fake.scratch / "out") == before)
    }

    @Test("a symlink that the user names does not become a directory")
    func symlinkStays() throws {
        try add("a", ["share/doc/a"])
        try add("b", ["doc/b"])
        #expect(try fake.stage(try spec(["a"], to: "out")).errors == [])
        let link = try #require(RootfsSymlink(path: "share/doc", target: FakeStore.path("b").appending("doc")))
        let error = #expect(throws: RootfsConflicts.self) {
            try RootfsPlan(try spec(["b"], to: "out") { ($0.profiles, $0.symlinks) = ([], [link]) })
        }
        #expect(error?.errors.map(\.path) == ["share/doc"])
    }

    @Test("the skeleton and --symlink add entries to a directory of an earlier profile")
    func otherEntries() throws {
        try add("a", ["etc/ssl/openssl.cnf", "share/doc/a"])
        try add("b", ["etc/ssl/certs/ca-bundle.crt"])
        #expect(try fake.stage(try spec(["a"], to: "out")).errors == [])
        let link = try #require(RootfsSymlink(path: "share/doc/own", target: FakeStore.path("b")))
        let second = try spec(["b"], to: "out") { additions in
            (additions.profiles, additions.symlinks, additions.hasSkeleton) = ([], [link], true)
        }
        #expect(try fake.stage(second).errors == [])
        #expect(try names(fake.scratch / "out/etc/ssl") == ["certs", "openssl.cnf"])
        #expect(try names(fake.scratch / "out/share/doc") == ["a", "own"])
    }

    @Test("of two simultaneous runs, the second one reports the change, and adds its entries when it is repeated")
    func simultaneousRuns() throws {
        for letter in ["a", "b", "c"] as [Character] { try add(letter, ["share/doc/\(letter)"]) }
        #expect(try fake.stage(try spec(["a"], to: "out")).errors == [])
        let plans = try (["b", "c"] as [Character]).map { try RootfsPlan(try spec([$0], to: "out")) }
        let reports = plans.map { plan in Stager(plan).stage { CopyEngine($0).copy() } }
        #expect(reports[0].errors == [] && reports[1].errorCount == 1)
        #expect(reports[1].errors.first?.description.contains("run the same command again") == true)
        #expect(try names(fake.scratch / "out/share") == ["doc"])
        #expect(try names(fake.scratch / "out/share/doc") == ["a", "b"])
        #expect(try fake.stage(try spec(["c"], to: "out")).errors == [])
        #expect(try names(fake.scratch / "out/share/doc") == ["a", "b", "c"])
    }

    @Test("a failure while a symlink becomes a directory leaves no entry, and the next run creates the directory")
    func failure() throws {
        try add("a", ["share/doc/a"])
        try add("b", ["share/doc/b"])
        #expect(try fake.stage(try spec(["a"], to: "out")).errors == [])
        let link = fake.scratch / "out/share/doc"
        let plan = try RootfsPlan(try spec(["b"], to: "out"))
        #expect(plan.lines.contains("directory /share/doc"))
        // Another program has replaced the symlink after the plan was made.
        try Command.succeed(["rm", link])
        #expect(Stager(plan).stage { CopyEngine($0).copy() }.errorCount > 0)
        #expect(try names(fake.scratch / "out/share") == [])
        try Command.succeed(["ln", "-s", "\(FakeStore.path("a"))/share/doc", link])
        #expect(try fake.stage(try spec(["b"], to: "out")).errors == [])
        #expect(try names(link) == ["a", "b"])
    }
}
