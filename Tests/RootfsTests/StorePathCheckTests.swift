import NixClosure
import Rootfs
import StoreFixture
import SystemCalls
import TestSupport
import Testing
import TreeCopy

/// Store paths that exist at the destination: whether they are complete is checked, not assumed from their names.
@Suite struct StorePathCheckTests {
    private let fake: FakeStore
    private var out: ByteString { fake.scratch / "out" }
    private var directory: ByteString { out / ByteString(FakeStore.directory.bytes) }
    private var file: ByteString { out / ByteString(FakeStore.file.bytes) }

    init() throws {
        fake = try FakeStore()
        for path in FakeStore.all { try Command.succeed(["touch", "-hd", "@1", fake.root / ByteString(path.bytes)]) }
    }

    /// A change of a staged root file system after which one store path is not what was staged.
    enum Change: String, CaseIterable, Sendable {
        case interruptedCopy, time, mode, type, size
    }

    private func apply(_ change: Change) throws {
        switch change {
        case .interruptedCopy: try Command.succeed(["rm", "-r", directory / "bin"])
        case .time: try Command.succeed(["touch", "-d", "@2", directory])
        case .mode: try Command.succeed(["chmod", "700", directory])
        case .type:
            try Command.succeed(["rm", "-r", directory])
            try TreeBuilder.build(at: out / "nix/store") { try $0.file(FakeStore.directory.lastComponent.name) }
        case .size:
            try Command.succeed(["truncate", "-s", "1", file])
            try Command.succeed(["touch", "-d", "@1", file])
        }
    }

    @Test("a store path that differs from the source in its top entry is staged again", arguments: Change.allCases)
    func findsIncompletePaths(_ change: Change) throws {
        let spec = try fake.spec()
        try fake.stage(spec)
        #expect(try RootfsPlan(spec).missing == [])
        try apply(change)
        let changed = change == .size ? FakeStore.file : FakeStore.directory
        #expect(try RootfsPlan(spec).missing.map(\.baseName) == [changed.lastComponent])
    }

    @Test("an incomplete store path is completed", arguments: Change.allCases)
    func completesPaths(_ change: Change) throws {
        let spec = try fake.spec()
        try fake.stage(spec)
        let expected = try TreeSnapshot(of: out)
        try apply(change)
        #expect(try fake.stage(spec).errors == [])
        #expect(TreeSnapshot.difference(expected, try TreeSnapshot(of: out), ignoring: [.root]) == [])
        #expect(try names(out / "nix/store") == FakeStore.all.map(\.lastComponent.description))
    }

    @Test("the options on owner and time change what is expected of an existing store path")
    func expectsWhatWouldBeStaged() throws {
        var spec = try fake.spec()
        try fake.stage(spec)
        spec.modificationTime = 7
        #expect(try RootfsPlan(spec).missing.count == 3)
        try fake.stage(spec)
        #expect(try RootfsPlan(spec).missing == [])
        guard OrdinaryUser.isRoot else { return }
        spec.owner = Ownership(user: 7, group: 7)
        #expect(try RootfsPlan(spec).missing.count == 3)
    }

    @Test("an incomplete store path is replaced by one that is moved")
    func movesInPlaceOfIncompletePaths() throws {
        try Command.succeed(["mkdir", "-p", out / "nix/store"])
        try TreeBuilder.build(at: directory) { try $0.file("bin/half", .text("half")) }
        var spec = try fake.spec()
        spec.moves = true
        let inode = try metadata(fake.root / ByteString(FakeStore.directory.bytes)).identity
        let report = try fake.stage(spec)
        #expect(report.errors == [] && report.warnings == [] && report.counts.moved == 3)
        #expect(try metadata(directory).identity == inode)
        #expect(try names(directory / "bin") == ["program"])
        #expect(try names(out / "nix/store") == FakeStore.all.map(\.lastComponent.description))
    }

    @Test("a store path that the file system does not rename is copied, and a warning says so")
    func copiesWhatCannotBeMoved() throws {
        var spec = try fake.spec()
        spec.moves = true
        spec.workers = 1
        let plan = try RootfsPlan(spec)
        let (report, _) = Faults.during { _, call in
            call == .rename ? .crossesMount : nil
        } _: {
            Stager(plan).stage { request in
                Faults.during({ _, _ in nil }) { CopyEngine(request).copy() }.0
            }
        }
        #expect(report.errors == [] && report.warningCount == 1 && report.counts.moved == 0)
        #expect(try names(fake.root / "nix/store").count == 3)
    }
}

extension Path {
    fileprivate var name: ByteString { ByteString(bytes) }
}
