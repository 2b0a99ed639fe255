import Nar
import NixClosure
import Rootfs
import StoreFixture
import SystemCalls
import TestSupport
import Testing
import TreeCopy

/// What an empty root lacks, and what is told of the store.
@Suite struct SkeletonTests {
    private let fake: FakeStore
    private var out: ByteString { fake.scratch / "out" }

    init() throws { fake = try FakeStore() }

    private func spec(_ paths: [Path] = FakeStore.all) throws -> RootfsSpec {
        var spec = try fake.spec(paths)
        spec.additions.hasSkeleton = true
        return spec
    }

    @Test func modesOwnersAndTimes() throws {
        #expect(try fake.stage(try spec()).errors == [])
        let modes: [(ByteString, UInt32)] = [
            ("tmp", 0o1777), ("var", 0o755), ("var/tmp", 0o1777), ("root", 0o700), ("etc", 0o755),
            ("etc/passwd", 0o644),
            ("etc/group", 0o644), ("etc/nsswitch.conf", 0o644), ("etc/hosts", 0o644),
        ]
        for (path, mode) in modes {
            let made = try metadata(out / path)
            #expect(made.mode == FileMode(rawValue: mode), "\(path)")
            #expect(made.modified == SystemCalls.Timestamp(seconds: 1, nanoseconds: 0), "\(path)")
        }
        #expect(try names(out) == ["etc", "nix", "root", "tmp", "var"])
        #expect(try names(out / "etc") == ["group", "hosts", "nsswitch.conf", "passwd"])
    }

    @Test func ownerAndTimeApplyToAll() throws {
        var spec = try spec()
        spec.modificationTime = 7
        spec.owner = OrdinaryUser.isRoot ? Ownership(user: 5, group: 6) : nil
        #expect(try fake.stage(spec).errors == [])
        let lines = try Command.succeed(["find", out, "-printf", "%U:%G %T@\n"]).outputText.split(separator: "\n")
        let expected = OrdinaryUser.isRoot ? "5:6 7.0000000000" : nil
        #expect(Set(lines.map(String.init)).count == 1 && (expected == nil || lines.first.map(String.init) == expected))
    }

    @Test func secondRunChangesNothing() throws {
        try fake.stage(try spec())
        let before = try InodeState.all(below: out)
        #expect(try fake.stage(try spec()).errors == [])
        #expect(try InodeState.all(below: out) == before)
    }

    /// As a killed run may leave them.
    @Test func emptyDirectoriesGetTheirModes() throws {
        try TreeBuilder.build(at: out) { try $0.directory("tmp", Attributes(mode: 0o700)) }
        #expect(try fake.stage(try spec()).errors == [])
        #expect(try metadata(out / "tmp").mode == FileMode(rawValue: 0o1777))
    }

    /// A killed run leaves a staged file beside the one that it was to become.
    @Test func killedRunsAreSwept() throws {
        try TreeBuilder.build(at: out) { try $0.file("etc/.repot-0123456789abcdef-1") }
        #expect(try fake.stage(try spec()).errors == [])
        #expect(try names(out / "etc") == ["group", "hosts", "nsswitch.conf", "passwd"])
    }

    @Test func registration() throws {
        let paths = FakeStore.all.compactMap { StorePath(baseName: $0.lastComponent) }
        let hash = try #require(NarHash(bytes: [UInt8](0..<32)))
        let infos = paths.reversed().map { path in
            var info = PathInfo(path, references: path == paths[1] ? paths.reversed() : [])
            (info.narHash, info.narSize, info.deriver) = (hash, 112, paths[0])
            return info
        }
        var spec = try fake.spec()
        spec.additions.registration = infos
        try fake.stage(spec)
        let digits = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
        #expect(
            try String(decoding: content(out / "nix-path-registration"), as: UTF8.self) == """
                \(FakeStore.all[0])
                \(digits)
                112

                0
                \(FakeStore.all[1])
                \(digits)
                112

                3
                \(FakeStore.all.map(\.description).joined(separator: "\n"))
                \(FakeStore.all[2])
                \(digits)
                112

                0

                """)
    }

    /// Nix would refuse all of it.
    @Test func whatIsRegisteredRefersToWhatIs() throws {
        let hash = try #require(NarHash(bytes: [UInt8](0..<32)))
        var spec = try fake.spec()
        spec.additions.registration = try FakeStore.all.map { path in
            let storePath = try #require(StorePath(baseName: path.lastComponent))
            var info = PathInfo(storePath, references: [storePath, try StorePath(named: "absent")])
            (info.narHash, info.narSize) = (hash, 112)
            return info
        }
        let error = #expect(throws: RootfsConflicts.self) { try RootfsPlan(spec) }
        #expect(error?.errors.map(\.path) == FakeStore.all)
        #expect(error?.errors.allSatisfy { $0.description.contains("-absent'") } == true)
    }

    @Test func whatIsRegisteredHasToBeThere() throws {
        var spec = try fake.spec()
        spec.additions.registration = []
        let report = Stager(try RootfsPlan(spec)).stage { request in
            var request = request
            request.roots[0].source = "/no/such/source"
            return CopyEngine(request).copy()
        }
        #expect(report.errorCount == 1)
        #expect(try names(out) == ["nix"])
    }
}
