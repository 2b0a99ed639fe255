import Measuring
import SmallCopies
import TestSupport
import Testing

@Suite struct SmallResultTests {
    private static let programs = Programs(repot: "/bin/repot", link: "/bin/link")

    /// The times of the two forms of GNU cp are 1 s; those of repot are given.
    private func result(_ own: [Double], _ dialect: [Double] = [1, 1, 1]) -> SmallResult {
        let peer = [1.0, 1.0, 1.0]
        return SmallResult(workload: "files", programs: Self.programs, seconds: [own, dialect, dialect, peer, peer])
    }

    @Test("the verdict depends on the median of the ratios")
    func judgesTheMedian() throws {
        let ratios = result([0.5, 0.9, 3]).ratios
        #expect(try #require(ratios.first ?? nil).median == 0.9)
        #expect(result([0.5, 0.9, 3]).complaint == nil)
    }

    @Test("a ratio above the tolerance names both programs")
    func reportsSlowPairs() throws {
        let complaint = try #require(result([2, 2, 2]).complaint)
        #expect(complaint.contains("files: repot -R takes 2.00 of cp -R (2.00 to 2.00), repot -R takes 2.00 of cp -a"))
        #expect(!complaint.contains("repot as cp"))
        #expect(result([1, 1, 1], [1.9, 1.9, 1.9]).complaint?.contains("repot as cp -a takes 1.90 of cp -a") == true)
    }

    @Test("a ratio within the tolerance causes no complaint")
    func toleratesNoise() {
        let limit = 1 + SmallResult.tolerance
        #expect(result([limit, limit, limit]).complaint == nil)
    }
}

@Suite struct SmallComparisonTests {
    @Test("every workload is copied by every program", arguments: SmallWorkload.all.filter { $0.repetitions == 20 })
    func runsEveryWorkload(workload: SmallWorkload) throws {
        let scratch = try Scratch()
        let programs = Programs(repot: "/bin/cp", link: "/bin/cp")
        var comparison = try SmallComparison(programs, in: scratch.path, samples: 1)
        #expect(try comparison.run(workload).row.count == SmallResult.header(programs).count)
    }

    @Test("a program that fails ends the comparison with an error")
    func reportsFailures() throws {
        var stopwatch = try Stopwatch()
        #expect(try stopwatch.time(["/bin/true"]) > 0)
        #expect(throws: TestError.self) { try stopwatch.time(["/bin/false"]) }
        #expect(throws: TestError.self) { try stopwatch.time(["/nowhere"]) }
    }
}
