import NixClosure
import Rootfs
import StoreFixture
import SystemCalls
import TestSupport
import Testing
import TreeCopy

/// Store paths that are renamed rather than copied.
@Suite struct MoveTests {
    private let fake: FakeStore
    private var out: ByteString { fake.scratch / "out" }

    init() throws {
        fake = try FakeStore()
        try Command.succeed(["chmod", "555", fake.root / ByteString(FakeStore.directory.bytes)])
        try TreeBuilder.build(at: fake.root / "nix/store") { try $0.file(".links/link") }
    }

    private func spec(_ paths: [Path] = FakeStore.all) throws -> RootfsSpec {
        var spec = try fake.spec(paths)
        spec.moves = true
        spec.additions.profiles = [FakeStore.directory]
        return spec
    }

    @Test func theInodesAreTheSame() throws {
        let store = ByteString("nix/store")
        let before = try InodeState.all(below: fake.root / store).map(\.inode)
        let report = try fake.stage(try spec())
        #expect(report.errors == [] && report.warnings == [])
        #expect(report.counts.moved == 3 && report.counts.copied == 0 && report.roots == 3)
        #expect(try names(fake.root / store) == [".links"])
        #expect(try Set(InodeState.all(below: out / store).map(\.inode)).subtracting(before).count == 1)
        #expect(try metadata(out / ByteString(FakeStore.directory.bytes)).mode == FileMode(rawValue: 0o555))
    }

    /// What was moved is looked for where it is now.
    @Test func secondRunChangesNothing() throws {
        try fake.stage(try spec())
        let before = try InodeState.all(below: out)
        let report = try fake.stage(try spec())
        #expect(report.errors == [] && report.counts.moved == 0 && report.counts.skipped == 3)
        #expect(try InodeState.all(below: out) == before)
    }

    @Test func theRestIsMovedLater() throws {
        try fake.stage(try spec([FakeStore.directory]))
        #expect(try fake.stage(try spec()).counts.moved == 2)
        #expect(try names(out / "nix/store") == FakeStore.all.map(\.lastComponent.description))
    }

    @Test func otherMountsAreCopiedTo() throws {
        guard let memory = try FileSystemMatrix.require(.tmpfs)?.scratch() else { return }
        var spec = try spec()
        spec.destination = Path(memory / "out")
        let report = try fake.stage(spec)
        #expect(report.errors == [] && report.counts.moved == 0 && report.roots == 3)
        #expect(
            report.warnings.count == 1
                && report.warnings.first?.description.contains("3 store paths are copied") == true)
        #expect(try names(fake.root / "nix/store").count == 4)
    }

    /// The sticky bit tells of a run that was killed when it had opened the directory up.
    @Test func whatAKilledRunOpenedUpIsShut() throws {
        let path = ByteString(FakeStore.directory.bytes)
        try fake.stage(try spec([FakeStore.directory]))
        try Command.succeed(["chmod", "1755", out / path])
        #expect(try fake.stage(try spec()).errors == [])
        #expect(try metadata(out / path).mode == FileMode(rawValue: 0o555))
    }

    @Test func theStoreItselfIsNoDestination() throws {
        var spec = try spec()
        spec.destination = Path(fake.root)
        #expect(throws: RootfsConflicts.self) { try RootfsPlan(spec) }
    }
}
