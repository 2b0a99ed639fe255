import Testing

@testable import Plotting

@Suite struct TicksTests {
    @Test(arguments: [
        (0.0...1.0, 6, [0, 0.2, 0.4, 0.6, 0.8, 1]), (0...1.1, 6, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (0...7, 8, [0, 1, 2, 3, 4, 5, 6, 7]), (-30...30, 4, [-20, 0, 20]),
        (0.95...1.32, 5, [1, 1.1, 1.2, 1.3]), (0...1200, 4, [0, 500, 1000]),
    ])
    func linearStepsAreRound(range: ClosedRange<Double>, count: Int, ticks: [Double]) {
        #expect(Ticks.linear(in: range, about: count) == ticks)
    }

    @Test func fewDecadesHaveTwoAndFive() {
        #expect(Ticks.logarithmic(in: 0.8...12, about: 6) == [1, 2, 5, 10])
    }

    @Test func manyDecadesHaveOnlyTheirFirst() {
        #expect(Ticks.logarithmic(in: 1000...1_000_000, about: 8) == [1000, 10_000, 100_000, 1_000_000])
    }

    @Test func veryManyDecadesAreThinned() {
        #expect(Ticks.logarithmic(in: 1...1e8, about: 5) == [1, 100, 1e4, 1e6, 1e8])
    }

    @Test(arguments: [(3.0, 2.0, 5.0), (5, 5, 5), (0.07, 0.05, 0.1), (1000, 1000, 1000), (0.2, 0.2, 0.2)])
    func neighbors(number: Double, below: Double, above: Double) {
        #expect(abs(Ticks.atMost(number) - below) < 1e-12)
        #expect(abs(Ticks.atLeast(number) - above) < 1e-12)
    }

    @Test func aScaleMayGoUpwards() {
        let scale = Scale(spacing: .logarithmic, domain: 1...100, start: 300, end: 100)
        #expect(scale.position(1) == 300)
        #expect(scale.position(10) == 200)
        #expect(scale.position(100) == 100)
    }
}
