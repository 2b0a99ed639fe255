import SystemCalls
import TestSupport
import Testing
import TreeCopy

/// How often a planned failure strikes.
enum FaultSpan: String, Sendable, CaseIterable {
    case once = "fails once"
    case onwards = "fails from then on"
}

/// One row of the fault loop: the n-th call fails with this errno, for n = 1, 2, 3 …
struct FaultRow: Sendable, CustomTestStringConvertible {
    let errno: Errno
    let span: FaultSpan
    let publication: Publication
    let strategy: StrategyChoice

    var testDescription: String { "\(errno.name) \(span.rawValue), \(publication), \(strategy)" }

    func plan(_ n: Int) -> Faults.Plan {
        { [errno, span] number, _ in number == n || (span == .onwards && number > n) ? errno : nil }
    }
}

/// Runs a row on a fixture: after each run it looks at everything that a failure must not harm.
struct FaultTrial {
    let fixture: FaultFixture
    let row: FaultRow
    private let original: TreeSnapshot
    private let changeTimes: [SystemCalls.Timestamp]

    init(_ fixture: FaultFixture, _ row: FaultRow) throws {
        self.fixture = fixture
        self.row = row
        original = try TreeSnapshot(of: fixture.source)
        changeTimes = try Self.changeTimes(original, fixture.source)
    }

    /// Returns how many system calls a run makes that nothing disturbs.
    func run() throws -> Int {
        var n = 1
        while try attempt(n) { n += 1 }
        try expectSourceUnchanged()
        return n - 1
    }

    /// False when the run was over before its n-th call.
    private func attempt(_ n: Int) throws -> Bool {
        let label = "\(row.testDescription), call \(n)"
        let before = try DescriptorCount.now()
        let (report, calls) = watched(label) {
            Faults.during(row.plan(n)) { CopyEngine(fixture.request(row.publication, .single(row.strategy))).copy() }
        }
        #expect(try DescriptorCount.now() == before, "\(label): a descriptor leaks")
        let failures = FaultJudge(fixture, row, original, report)
        try failures.judge(label)
        try fixture.sweep()
        #expect(try fixture.leftovers() == [], "\(label): a sweep leaves names")
        try fixture.clear()
        return calls >= n
    }

    private func expectSourceUnchanged() throws {
        let now = try TreeSnapshot(of: fixture.source)
        #expect(TreeSnapshot.difference(original, now, including: [.allocation]) == [])
        // A link touches the inode's change time, and so it is in order there.
        if row.strategy == .copy { #expect(try Self.changeTimes(now, fixture.source) == changeTimes) }
    }

    private static func changeTimes(
        _ tree: TreeSnapshot, _ root: ByteString
    ) throws -> [SystemCalls.Timestamp] {
        try tree.paths.map { try metadata(root / $0).changed }
    }
}
