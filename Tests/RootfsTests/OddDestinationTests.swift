import Rootfs
import StoreFixture
import SystemCalls
import TestSupport
import Testing
import TreeCopy

/// Destinations on file systems that fold names, or keep modes and owners of their own.
@Suite(.serialized) struct OddDestinationTests {
    private let fake: FakeStore

    init() throws { fake = try FakeStore() }

    @Test("of two added names that are one name for the file system, the second is an error", arguments: [0, 1, 2])
    func refusesFoldedNames(_ shape: Int) throws {
        guard let mount = try OddMount.foldingCase() else { return }
        // Different targets, equal targets, and directories.
        let pairs: [[(Path, Path)]] = [
            [("/etc/Name", FakeStore.directory), ("/etc/name", FakeStore.file)],
            [("/etc/Name", FakeStore.file), ("/etc/name", FakeStore.file)],
            [("/etc/Name/one", FakeStore.file), ("/etc/name/two", FakeStore.file)],
        ]
        var spec = try fake.spec(links: pairs[shape])
        spec.destination = Path(mount.path / "out")
        for _ in 1...2 {
            let messages = try messages(of: spec)
            #expect(messages.contains { $0.contains("/etc/name'") }, "\(messages)")
        }
        if shape < 2 {
            let link = try Directory.current.readLink(Name((mount.path / "out/etc/Name").bytes))
            #expect(link == Name(pairs[shape][0].1))
        }
    }

    private func messages(of spec: RootfsSpec) throws -> [String] {
        do { return try fake.stage(spec).errors.map(\.description) } catch let conflicts as RootfsConflicts {
            return conflicts.errors.map(\.description)
        }
    }

    @Test("a mode or an owner that the file system does not keep is an error for each entry")
    func reportsLostModes() throws {
        guard let mount = try OddMount.forcingModes() else { return }
        var spec = try fake.spec([], links: [("/app", FakeStore.file)])
        spec.destination = Path(mount.path / "out")
        spec.additions.hasSkeleton = true
        let report = try fake.stage(spec)
        let messages = report.errors.map(\.description)
        #expect(
            messages.contains { $0.contains("/etc/passwd'") && $0.contains("its file system keeps") }, "\(messages)")
    }
}
