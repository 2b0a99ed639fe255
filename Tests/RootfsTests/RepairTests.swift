import Nar
import NixClosure
import Pruning
import Rootfs
import StoreFixture
import Synchronization
import SystemCalls
import TestSupport
import Testing
import TreeCopy

/// Store paths that are taken anew: the old or the new one is there at any moment.
@Suite(.serialized) struct RepairTests {
    private let fake: FakeStore
    private let infos: [PathInfo]
    private var out: ByteString { fake.scratch / "out" }
    private let store: Store

    init() throws {
        fake = try FakeStore()
        infos = try FakeStore.all.compactMap { StorePath(baseName: $0.lastComponent) }
            .map { PathInfo($0, references: []) }.completed(in: fake.store)
        store = try Store(directory: "/nix/store", root: Path(fake.scratch / "out"))
        try fake.stage(try fake.spec())
    }

    private func place(_ path: Path, _ rest: ByteString = "") -> ByteString { below(out, path) / rest }

    private func below(_ root: ByteString, _ path: Path) -> ByteString {
        root / ByteString(Array(path.bytes.dropFirst()))
    }

    private func repair(
        _ infos: [PathInfo]? = nil, _ copy: (CopyRequest) -> CopyReport = { CopyEngine($0).copy() }
    ) throws -> [Repair.Failure] {
        try Repair(store, from: fake.store, workers: 2).run(infos ?? self.infos, copy)
    }

    private func expectRepaired() throws {
        let whole = ByteString("nix/store")
        #expect(
            TreeSnapshot.difference(
                try TreeSnapshot(of: fake.root / whole), try TreeSnapshot(of: out / whole), ignoring: [.root]) == [])
    }

    private func damage() throws {
        try Command.succeed(["bash", "-c", "echo damaged > \"$1\"", "bash", place(FakeStore.directory, "bin/program")])
        try Command.succeed(["ln", "-sfn", "elsewhere", below(out, FakeStore.link)])
        try Command.succeed(["rm", "-f", below(out, FakeStore.file)])
    }

    @Test func allKindsAreReplacedAndTheStoreKeepsItsTime() throws {
        try damage()
        let before = try metadata(out / "nix/store")
        #expect(try repair() == [])
        try expectRepaired()
        let after = try metadata(out / "nix/store")
        #expect(after.modified == before.modified && after.mode == before.mode)
    }

    @Test func aReadOnlyStoreIsReadOnlyAfterwards() throws {
        try damage()
        try Command.succeed(["chmod", "555", out / "nix/store"])
        #expect(try repair() == [])
        #expect(try metadata(out / "nix/store").mode == FileMode(rawValue: 0o555))
    }

    @Test func newCopiesAreWhoseAndWhenTheyShould() throws {
        try damage()
        let isRoot = ProcessState.effectiveOwner.user == 0
        let owner = isRoot ? Ownership(user: 7, group: 8) : ProcessState.effectiveOwner
        let repair = Repair(store, from: fake.store, owner: owner, modificationTime: 9)
        #expect(try repair.run(infos) { CopyEngine($0).copy() } == [])
        for path in [place(FakeStore.directory), place(FakeStore.directory, "bin/program"), below(out, FakeStore.link)]
        {
            let metadata = try metadata(path)
            #expect(metadata.owner == owner && metadata.modified.seconds == 9, "\(path)")
        }
    }

    /// What was left out on purpose is not brought back; nothing is made that the record does not tell of.
    @Test func prunedPathsAreMadeAsTheirRecordSays() throws {
        let path = try fake.add("a", "pruned") { tree in
            try tree.file("bin/program", .pattern(size: 100))
            try tree.file("share/doc/page", .pattern(size: 1000))
        }
        var spec = try fake.spec([path])
        spec.additions.prune = ["*/share/doc", "*/nothing"].compactMap { PruneGlob($0) }
        try fake.stage(spec)
        let before = try TreeSnapshot(of: place(path))
        let storePath = try #require(StorePath(baseName: path.lastComponent))
        let record = try PruneRecord(of: Path(out), in: store)
        let left = record.applied(to: [PathInfo(storePath, references: [])], from: nil).infos
        var repair = Repair(store, from: fake.store, workers: 2)
        repair.pruned = record
        for damaged in ["bin", "share", ""] as [ByteString] {
            try Command.succeed(["rm", "-r", place(path, damaged)])
            #expect(try repair.run(left) { CopyEngine($0).copy() } == [])
            #expect(TreeSnapshot.difference(before, try TreeSnapshot(of: place(path))) == [])
        }
        try Command.succeed(["bash", "-c", "echo more > \"$1\"", "bash", below(fake.root, path) / "more"])
        let failures = try repair.run(left) { CopyEngine($0).copy() }
        #expect(failures.first?.reason.description.contains("is other than it tells") == true)
        #expect(TreeSnapshot.difference(before, try TreeSnapshot(of: place(path))) == [])
    }

    @Test func whatKilledRunsLeftIsSwept() throws {
        try TreeBuilder.build(at: out / "nix/store") { try $0.file(".repot-0123456789abcdef-1/half/made") }
        #expect(try repair([]) == [])
        try expectRepaired()
    }

    /// Neither from a damaged source, nor from none; the others are repaired.
    @Test func nothingIsRepairedWithDamagedGoods() throws {
        try damage()
        let source = below(fake.root, FakeStore.directory)
        try Command.succeed(["bash", "-c", "echo worse > \"$1\"", "bash", source / "bin/program"])
        try Command.succeed(["rm", below(fake.root, FakeStore.link)])
        let failures = try repair()
        #expect(failures.map(\.path.baseName) == [FakeStore.directory.lastComponent, FakeStore.link.lastComponent])
        #expect(failures[0].reason.description.contains("is damaged itself"))
        #expect(failures[1].reason.description.contains("there is nothing to take it from"))
        let program = place(FakeStore.directory, "bin/program")
        #expect(try Command.succeed(["cat", program]).outputText == "damaged\n")
        #expect(try names(out / "nix/store") == FakeStore.all.map(\.lastComponent.description))
    }

    /// A copy that fails, or is ended, leaves the old one and nothing else.
    @Test func failedCopiesLeaveTheOldOne() throws {
        try damage()
        let before = try TreeSnapshot(of: out)
        let failures = try repair { request in
            var request = request
            request.isCancelled = { true }
            return CopyEngine(request).copy()
        }
        #expect(failures.count == 3 && failures.allSatisfy { $0.reason.description == "interrupted" })
        #expect(TreeSnapshot.difference(before, try TreeSnapshot(of: out)) == [])
    }

    @Test func interruptedWhileTheSourceIsVerified() throws {
        try damage()
        let before = try TreeSnapshot(of: out)
        let failures = try Repair(store, from: fake.store, isCancelled: { true }).run(infos) { CopyEngine($0).copy() }
        #expect(failures.map(\.reason.description) == ["interrupted", "interrupted", "interrupted"])
        #expect(TreeSnapshot.difference(before, try TreeSnapshot(of: out)) == [])
    }

    /// The n-th system call fails: a path is the old one or the new one, and where anything went wrong it is said.
    @Test func anyCallMayFail() throws {
        var n = 1
        while true {
            try damage()
            let number = n
            var failed = false
            let (_, calls) = Faults.during({ count, _ in count == number ? .inputOutput : nil }) {
                do {
                    failed = try !Repair(store, from: fake.store, workers: 1).run(infos) { CopyEngine($0).copy() }
                        .isEmpty
                } catch { failed = true }
            }
            #expect(try names(out / "nix/store").filter { !$0.hasPrefix(".repot-") }.count >= 2, "call \(n)")
            let program = try Command.succeed(["cat", place(FakeStore.directory, "bin/program")]).outputText
            #expect(program == "damaged\n" || program == "program", "call \(n)")
            if calls < n { break }
            if !failed { try expectRepaired() }
            n += 1
        }
        #expect(n > 50)
        #expect(try repair() == [])
        try expectRepaired()
    }

    /// An overlay does not rename a directory of a lower layer.
    @Test func inAnOverlayTheOldOneIsRemovedFirst() throws {
        try damage()
        let renames = RenameCount()
        let plan: Faults.Plan = { (_, call) in call == .rename && renames.next() == 1 ? .crossesMount : nil }
        let (failures, _) = try Faults.during(plan) { try repair() }
        #expect(failures == [])
        try expectRepaired()
    }

    @Test func whatCannotTakeItsPlaceIsRemoved() throws {
        try damage()
        let before = try TreeSnapshot(of: out)
        let plan: Faults.Plan = { (_, call) in call == .rename ? .inputOutput : nil }
        let (failures, _) = try Faults.during(plan) { try repair() }
        #expect(failures.count == 3)
        #expect(TreeSnapshot.difference(before, try TreeSnapshot(of: out)) == [])
    }

    /// Where the file system cannot exchange two names.
    @Test func withoutExchangeTheOldOneIsMovedAside() throws {
        try damage()
        let renames = RenameCount()
        let plan: Faults.Plan = { (_, call) in call == .rename && renames.next() == 1 ? .invalid : nil }
        let (failures, _) = try Faults.during(plan) { try repair() }
        #expect(failures == [])
        try expectRepaired()
    }

    /// The old one is put back, and the new one removed.
    @Test func whatCannotBeReplacedStays() throws {
        try damage()
        let before = try TreeSnapshot(of: out)
        let damaged = infos.filter { $0.path.baseName == FakeStore.directory.lastComponent }
        for failing: Set in [[1], [2, 1], [3, 1]] {
            let renames = RenameCount()
            let plan: Faults.Plan = { (_, call) in
                guard call == .rename else { return nil }
                let count = renames.next()
                return failing.contains(count) ? (count == failing.max() ? .inputOutput : .invalid) : nil
            }
            let (failures, _) = try Faults.during(plan) { try repair(damaged) }
            #expect(failures.map(\.path) == damaged.map(\.path))
            #expect(TreeSnapshot.difference(before, try TreeSnapshot(of: out)) == [], "rename \(failing)")
        }
    }

    /// The directory's own times cannot be set either.
    @Test func whatFailedIsToldWhateverComesAfter() throws {
        try damage()
        let plan: Faults.Plan = { (_, call) in [.rename, .setTimes].contains(call) ? .readOnly : nil }
        let (failures, _) = try Faults.during(plan) { try repair() }
        #expect(failures.count == 3)
    }

    /// A symlink in the root file system leads somewhere else than in the container.
    @Test(arguments: ["nix", "nix/store"]) func nothingIsRepairedThroughSymlinks(_ link: ByteString) throws {
        try damage()
        try Command.succeed(["mv", out / link, fake.scratch / "elsewhere"])
        try Command.succeed(["ln", "-s", fake.scratch / "elsewhere", out / link])
        let before = try TreeSnapshot(of: fake.scratch / "elsewhere")
        let error = #expect(throws: PathError.self) { try repair() }
        #expect(error?.path == Path(out / link))
        #expect(TreeSnapshot.difference(before, try TreeSnapshot(of: fake.scratch / "elsewhere")) == [])
    }
}

/// Counts renames.
private final class RenameCount: Sendable {
    private let count = Atomic<Int>(0)

    func next() -> Int { count.add(1, ordering: .relaxed).newValue }
}
