import Measuring
import Testing

@testable import Comparison

@Suite struct StatisticsTests {
    @Test func medianOfOddAndEvenCounts() {
        #expect(Spread([3, 1, 2])?.median == 2)
        #expect(Spread([4, 1, 2, 3])?.median == 2.5)
        #expect(Spread([]) == nil)
    }

    @Test func spreadHasTheExtremes() {
        let spread = Spread([3, 1, 2])
        #expect(spread?.lowest == 1)
        #expect(spread?.highest == 3)
    }

    @Test(arguments: [(1.005, "1.00"), (0.996, "1.00"), (12.3, "12.30"), (0.05, "0.05"), (-1.5, "-1.50")])
    func numbersHaveTwoDecimals(number: Double, text: String) {
        #expect(fixed(number) == text)
    }

    @Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")])
    func thousandsAreSetApart(number: Int, text: String) {
        #expect(grouped(number) == text)
    }
}
