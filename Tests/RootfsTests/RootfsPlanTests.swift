import NixClosure
import Rootfs
import StoreFixture
import SystemCalls
import TestSupport
import Testing

/// Conflicts are found by making the plan, which writes nothing.
@Suite struct RootfsPlanTests {
    private let fake: FakeStore

    init() throws { fake = try FakeStore() }

    @Test func namesAllThatIsMissing() throws {
        let plan = try RootfsPlan(try fake.spec(links: [("/usr/bin/app", FakeStore.link)]))
        #expect(plan.makesDestination)
        #expect(plan.directories == ["nix", "nix/store", "usr", "usr/bin"])
        #expect(plan.symlinks.map(\.path) == ["usr/bin/app"])
        #expect(plan.missing.map(\.baseName) == FakeStore.all.map(\.lastComponent))
        #expect(throws: Errno.notFound) { try metadata(fake.scratch / "out") }
    }

    @Test(arguments: ["/", "", "/..", "/a/../b", "."] as [Path])
    func linkPathIsNoPlaceInTheRoot(_ path: Path) { #expect(RootfsSymlink(path: path, target: "/x") == nil) }

    @Test(
        arguments: [
            ["/nix"], ["/nix/store"], ["/nix/store/x"], ["/a", "/a/b"], ["/a/b/c", "/a"],
        ] as [[Path]])
    func linksInTheWayOfOthers(_ paths: [Path]) throws {
        let spec = try fake.spec(links: paths.map { ($0, FakeStore.file) })
        #expect(throws: RootfsConflicts.self) { try RootfsPlan(spec) }
    }

    @Test func twoLinksOfOnePath() throws {
        let spec = try fake.spec(links: [("/a", FakeStore.file), ("//a/", FakeStore.link)])
        #expect(throws: RootfsConflicts.self) { try RootfsPlan(spec) }
    }

    @Test(arguments: ["nix", "nix/store", "bin", "app"] as [ByteString])
    func fileInTheWay(_ path: ByteString) throws {
        try TreeBuilder.build(at: fake.scratch / "out") { try $0.file(path) }
        try refuses(links: [("/bin/x", FakeStore.file), ("/app", FakeStore.file)])
    }

    /// What is written must stay in the destination.
    @Test(arguments: ["nix", "nix/store", "bin"] as [ByteString])
    func directoryThatIsALink(_ path: ByteString) throws {
        try TreeBuilder.build(at: fake.scratch.path) { tree in
            try tree.directory("elsewhere")
            try tree.symbolicLink("out" / path, to: fake.scratch / "elsewhere")
        }
        try refuses(links: [("/bin/x", FakeStore.file)])
        #expect(try names(fake.scratch / "elsewhere") == [])
    }

    @Test func linkToSomethingElse() throws {
        try TreeBuilder.build(at: fake.scratch / "out") { try $0.symbolicLink("app", to: "elsewhere") }
        try refuses(links: [("/app", FakeStore.file)])
    }

    @Test func sameLinkIsNoConflict() throws {
        try TreeBuilder.build(at: fake.scratch / "out") { try $0.symbolicLink("app", to: "\(FakeStore.file)") }
        #expect(try RootfsPlan(try fake.spec(links: [("/app", FakeStore.file)])).symlinks == [])
    }

    @Test func parentHasToBeThere() throws {
        let error = #expect(throws: RootfsConflicts.self) { try RootfsPlan(try fake.spec(to: "no/out")) }
        #expect(error?.description.contains("make it first") == true)
    }

    @Test func destinationHasToBeADirectory() throws {
        try TreeBuilder.build(at: fake.scratch.path) { try $0.file("out") }
        #expect(throws: RootfsConflicts.self) { try RootfsPlan(try fake.spec()) }
    }

    private func refuses(links: [(Path, Path)]) throws {
        let before = try InodeState.all(below: fake.scratch / "out")
        #expect(throws: RootfsConflicts.self) { try RootfsPlan(try fake.spec(links: links)) }
        #expect(try InodeState.all(below: fake.scratch / "out") == before)
    }
}
