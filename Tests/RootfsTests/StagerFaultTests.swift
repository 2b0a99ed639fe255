import FileTree
import NixClosure
import Pruning
import Rootfs
import StoreFixture
import SystemCalls
import TestSupport
import Testing
import TreeCopy

/// The n-th system call fails, for n = 1, 2, 3 … until a run is untouched; then the same command completes the work.
@Suite(.serialized) struct StagerFaultTests {
    private let fake: FakeStore
    private var out: ByteString { fake.scratch / "out" }

    init() throws {
        fake = try FakeStore()
        try TreeBuilder.build(at: fake.root / ByteString(FakeStore.directory.bytes)) { try $0.file("share/doc/page") }
    }

    private func spec(moves: Bool) throws -> RootfsSpec {
        var spec = try fake.spec(links: [("/app", FakeStore.directory)])
        spec.workers = 1
        spec.moves = moves
        spec.additions.hasSkeleton = true
        spec.additions.profiles = [FakeStore.directory]
        if !moves { spec.additions.prune = [try #require(PruneGlob("*/share/doc"))] }
        spec.additions.registration = []
        return spec
    }

    @Test(arguments: zip([Errno.accessDenied, .noSpace], [false, true]))
    func anyCallMayFail(_ errno: Errno, _ staysBroken: Bool) throws {
        let spec = try spec(moves: false)
        let before = try TreeSnapshot(of: fake.root)
        var n = 1
        while try attempt(n, errno, staysBroken, spec) { n += 1 }
        #expect(n > 100, "the loop saw \(n) calls only")
        #expect(TreeSnapshot.difference(before, try TreeSnapshot(of: fake.root)) == [])
    }

    /// False when the run was over before its n-th call.
    private func attempt(_ n: Int, _ errno: Errno, _ staysBroken: Bool, _ spec: RootfsSpec) throws -> Bool {
        let label = "\(errno.name), call \(n)"
        let plan = try RootfsPlan(spec)
        let descriptors = try DescriptorCount.now()
        let (report, calls) = Faults.during { number, _ in
            number == n || (staysBroken && number > n) ? errno : nil
        } _: {
            Stager(plan).stage { CopyEngine($0).copy() }
        }
        #expect(try DescriptorCount.now() == descriptors, "\(label): a descriptor leaks")
        if calls >= n { try complete(spec, report, label) }
        var removal = FileTree.TreeRemoval()
        try removal.remove(Name(Path(out)), in: .current)
        return calls >= n
    }

    /// Nothing has another's name or half its content, so nothing is in the way.
    private func complete(_ spec: RootfsSpec, _ report: CopyReport, _ label: String) throws {
        let plan = try RootfsPlan(spec)
        if report.errorCount == 0 {
            #expect(plan.lines.filter { !$0.hasPrefix("directory") } == [], "\(label): a silent loss")
        }
        let second = Stager(plan).stage { CopyEngine($0).copy() }
        #expect(second.errors == [], "\(label)")
        #expect(try RootfsPlan(spec).leftovers == [], "\(label)")
    }

    /// Each store path is here or there, and whole.
    @Test(arguments: [Errno.accessDenied, .crossesMount]) func anyCallOfAMoveMayFail(_ errno: Errno)
        throws
    {
        var n = 1
        while try StagerFaultTests().move(n, errno) >= n { n += 1 }
        #expect(n > 60, "the loop saw \(n) calls only")
    }

    private func move(_ n: Int, _ errno: Errno) throws -> Int {
        let spec = try spec(moves: true)
        let plan = try RootfsPlan(spec)
        let (report, calls) = Faults.during { number, _ in
            number == n ? errno : nil
        } _: {
            Stager(plan).stage { CopyEngine($0).copy() }
        }
        for path in FakeStore.all {
            let places = [fake.root, out].filter { (try? metadata($0 / ByteString(path.bytes))) != nil }
            #expect(!places.isEmpty, "call \(n): \(path) is lost")
        }
        let second = Stager(try RootfsPlan(spec)).stage { CopyEngine($0).copy() }
        #expect(second.errors == [], "call \(n) after \(report.errors)")
        #expect(try names(out / "nix/store") == FakeStore.all.map(\.lastComponent.description))
        return calls
    }
}
