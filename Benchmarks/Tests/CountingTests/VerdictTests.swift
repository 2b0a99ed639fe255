import Measuring
import Testing

@testable import Counting

@Suite struct VerdictTests {
    private let limits: Limits

    init() throws {
        limits = try Limits(
            """
            # a remark
               9.10    9.00  ext4-copy calls a file
               1.00    1.00  ext4-copy calls that fail
            """)
    }

    private func verdict(_ value: Double, margin: Margin = .perEntry, _ name: String = "ext4-copy calls a file")
        -> Verdict
    {
        Verdict(Count(name, value, margin, detail: "openat 2.00"), limits)
    }

    @Test(arguments: [8.95, 9.0, 9.1])
    func withinTheLimitThereIsNothingToSay(value: Double) {
        #expect(verdict(value).finding == .met)
        #expect(verdict(value).advice == nil)
    }

    @Test func aMissNamesOldAndNewAndTheLineThatAcceptsIt() throws {
        let miss = verdict(10)
        #expect(miss.finding == .missed && !miss.isPassed)
        let advice = try #require(miss.advice)
        #expect(advice.contains("old 9.00 (limit 9.10), new 10.00"))
        #expect(advice.contains("openat 2.00"))
        #expect(advice.contains("say why in the commit"))
        let line = try #require(advice.split(separator: "\n").last)
        let accepting = try Limits(String(line))
        #expect(Verdict(miss.count, accepting).finding == .met)
    }

    @Test func aGainPassesAndAsksForATighterLine() throws {
        let gain = verdict(8)
        #expect(gain.finding == .improved && gain.isPassed)
        let line = try #require(gain.advice?.split(separator: "\n").last)
        #expect(try Limits(String(line))["ext4-copy calls a file"]?.limit == 8.1)
    }

    @Test func whatHasNoLimitDoesNotPass() {
        #expect(verdict(1, "ext4-copy calls a socket").finding == .unlimited)
        #expect(!verdict(1, "ext4-copy calls a socket").isPassed)
    }

    @Test(arguments: [(0.0, Verdict.Finding.improved), (1.0, .met), (2.0, .missed)])
    func aCountWithoutMarginIsHeldExactly(value: Double, finding: Verdict.Finding) {
        #expect(verdict(value, margin: .none, "ext4-copy calls that fail").finding == finding)
    }

    @Test func aLineThatIsNoneIsAnError() {
        #expect(throws: (any Error).self) { try Limits("9.1 ext4-copy calls") }
    }

    @Test func theReportFailsWithOneMiss() {
        let counts = [Count("ext4-copy calls a file", 9, .perEntry), Count("ext4-copy calls that fail", 2, .none)]
        let report = CountReport(counts, limits)
        #expect(!report.isPassed)
        #expect(report.advice.count == 1)
        #expect(report.table.contains("MISSED"))
        #expect(report.json.text.contains(#""verdict": "MISSED""#))
        #expect(CountReport(Array(counts.prefix(1)), limits).isPassed)
    }
}
