import NixClosure
import Rootfs
import StoreFixture
import SystemCalls
import TestSupport
import Testing
import TreeCopy

@Suite struct StagerTests {
    private let fake: FakeStore
    private var out: ByteString { fake.scratch / "out" }

    init() throws { fake = try FakeStore() }

    @Test func everythingIsThere() throws {
        let report = try fake.stage(try fake.spec(links: [("/usr/app", FakeStore.directory)]))
        #expect(report.errors == [])
        #expect(report.roots == 3)
        let store = ByteString("nix/store")
        #expect(
            TreeSnapshot.difference(
                try TreeSnapshot(of: fake.root / store), try TreeSnapshot(of: out / store),
                ignoring: [.root]) == [])
        #expect(try Directory.current.readLink(Name((out / "usr/app").bytes)) == Name(FakeStore.directory))
    }

    /// Whatever mask the caller has.
    @Test(arguments: ["", "nix", "nix/store", "usr", "usr/app"] as [ByteString])
    func whatRepotAddsHasTimeOne(_ path: ByteString) throws {
        try fake.stage(try fake.spec(links: [("/usr/app", FakeStore.directory)]))
        let made = try metadata(out / path)
        #expect(made.modified == SystemCalls.Timestamp(seconds: 1, nanoseconds: 0))
        if made.kind == .directory { #expect(made.mode == FileMode(rawValue: 0o755)) }
        if OrdinaryUser.isRoot { #expect(made.owner == Ownership(user: 0, group: 0)) }
    }

    @Test func modificationTimeAppliesToAll() throws {
        var spec = try fake.spec(links: [("/app", FakeStore.directory)])
        spec.modificationTime = 7
        try fake.stage(spec)
        let times = try InodeState.all(below: out).map(\.modified)
        #expect(Set(times) == [SystemCalls.Timestamp(seconds: 7, nanoseconds: 0)])
    }

    @Test func secondRunChangesNothing() throws {
        let spec = try fake.spec(links: [("/usr/app", FakeStore.directory)])
        try fake.stage(spec)
        let before = try InodeState.all(below: out)
        let report = try fake.stage(spec)
        #expect(try InodeState.all(below: out) == before)
        #expect(report.counts.entries == 0)
        #expect(report.counts.skipped == 3)
    }

    @Test func closuresUnite() throws {
        try fake.stage(try fake.spec([FakeStore.directory], links: [("/one", FakeStore.directory)]))
        let before = try InodeState.all(below: out / "nix/store" / ByteString(FakeStore.directory.lastComponent.bytes))
        try fake.stage(try fake.spec([FakeStore.file, FakeStore.link], links: [("/two", FakeStore.file)]))
        #expect(try names(out / "nix/store") == FakeStore.all.map(\.lastComponent.description))
        #expect(try InodeState.all(below: out).isSuperset(of: before))
        #expect(try metadata(out).modified.seconds == 1)
    }

    /// A directory of somebody else keeps what it has, but for the time that every new entry changes.
    @Test func otherDirectoriesKeepTheirMetadata() throws {
        try Command.succeed(["mkdir", "-p", "-m", "1777", out / "tmp"])
        try Command.succeed(["chmod", "2750", out])
        try fake.stage(try fake.spec(links: [("/tmp/app", FakeStore.file)]))
        #expect(try metadata(out / "tmp").mode == FileMode(rawValue: 0o1777))
        #expect(try metadata(out).mode == FileMode(rawValue: 0o2750))
    }

    @Test func inheritedAccessListsAreRemoved() throws {
        try Command.succeed(["setfacl", "-d", "-m", "u:7:rwx", fake.scratch.path])
        try fake.stage(try fake.spec(links: [("/usr/app", FakeStore.file)]))
        for path in ["", "nix", "nix/store", "usr"] as [ByteString] {
            let lists = try Command.succeed(["getfacl", "-cpns", out / path])
            #expect(lists.outputText.isEmpty, "\(path)")
        }
    }

    /// Somebody's directory keeps its own, and repot's files in it get none.
    @Test func filesInheritNoAccessLists() throws {
        try TreeBuilder.build(at: out) { try $0.directory("etc") }
        try Command.succeed(["setfacl", "-d", "-m", "u:7:rwx", out / "etc"])
        var spec = try fake.spec()
        spec.additions.hasSkeleton = true
        try fake.stage(spec)
        #expect(try Command.succeed(["getfacl", "-cpns", out / "etc/passwd"]).outputText.isEmpty)
        #expect(try !Command.succeed(["getfacl", "-cpns", out / "etc"]).outputText.isEmpty)
    }

    /// Names that no run makes are somebody's files.
    @Test func killedRunsAreSweptAlsoWhenNothingIsMissing() throws {
        let spec = try fake.spec()
        try fake.stage(spec)
        try TreeBuilder.build(at: out / "nix/store") { tree in
            try tree.file(".repot-0123456789abcdef-1/half/made")
            try tree.file(".repot-notes")
        }
        try fake.stage(spec)
        #expect(try names(out / "nix/store").filter { $0.hasPrefix(".repot-") } == [".repot-notes"])
    }

    /// What fails is left out and told, whatever else fails; the rest is there.
    @Test func failuresOfAllStepsAreTold() throws {
        let spec = try fake.spec(links: [("/app", FakeStore.directory), ("/other", FakeStore.file)])
        let report = Stager(try RootfsPlan(spec)).stage { request in
            var request = request
            request.roots[0].source = "/no/such/source"
            let report = CopyEngine(request).copy()
            // Meanwhile somebody takes the second symlink's place.
            do { try TreeBuilder.build(at: out) { try $0.file("other") } } catch { Issue.record(error) }
            return report
        }
        #expect(report.errorCount == 2)
        #expect(report.errors.count == 2)
        #expect(try names(out / "nix/store") == [FakeStore.file, FakeStore.link].map(\.lastComponent.description))
        #expect(try names(out) == ["nix", "other"])
    }

    @Test func cancelledRunLeavesNoHalfAndCanBeRepeated() throws {
        let spec = try fake.spec(links: [("/app", FakeStore.directory)])
        let report = Stager(try RootfsPlan(spec)).stage { request in
            var request = request
            request.isCancelled = { true }
            return CopyEngine(request).copy()
        }
        #expect(report.wasCancelled)
        #expect(try names(out / "nix/store") == [])
        #expect(try names(out) == ["nix"])
        #expect(try fake.stage(spec).errors == [])
        #expect(try names(out) == ["app", "nix"])
    }

    /// By their time the next run knows them as repot's, should this one be killed.
    @Test func newDirectoriesHaveTheirTimeBeforeAnythingIsCopied() throws {
        let paths: [ByteString] = ["", "usr", "usr/bin"]
        var times: [Int64] = []
        let spec = try fake.spec(links: [("/usr/bin/app", FakeStore.directory)])
        let report = try Stager(RootfsPlan(spec)).stage { request in
            times = paths.compactMap { try? metadata(out / $0).modified.seconds }
            return CopyEngine(request).copy()
        }
        #expect(report.errors == [])
        #expect(times == [1, 1, 1])
    }
}
