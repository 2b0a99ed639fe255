import Glibc
import Measuring
import Testing

@Suite struct TrendTests {
    @Test(arguments: [(1.0, 12e-6), (1.1, 3.0), (0.5, 0.2)])
    func findsThePowerLawThatMadeThePoints(slope: Double, factor: Double) throws {
        let points = [1000.0, 3162, 31_623, 1_000_000].map { x in (x: x, y: factor * pow(x, slope)) }
        let trend = try #require(Trend(points))
        #expect(abs(trend.slope - slope) < 1e-9)
    }

    @Test func averagesOverPointsBesideTheLine() throws {
        let trend = try #require(Trend([(x: 1, y: 1), (x: 10, y: 20), (x: 100, y: 100)]))
        #expect(abs(trend.slope - 1) < 1e-9)
    }

    @Test func onePlaceHasNoSlope() {
        #expect(Trend([]) == nil)
        #expect(Trend([(x: 5, y: 1), (x: 5, y: 2)]) == nil)
    }
}
