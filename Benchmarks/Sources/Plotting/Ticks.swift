import Glibc

/// Numbers that people count in: 1, 2 and 5 times a power of ten.
enum Ticks {
    private static let leading = [1.0, 2.0, 5.0]

    /// Multiples of the step that gives nearest to `count` of them.
    static func linear(in range: ClosedRange<Double>, about count: Int) -> [Double] {
        let width = range.upperBound - range.lowerBound
        guard width > 0, count > 1 else { return [range.lowerBound] }
        let below = atMost(width / Double(count - 1))
        let choices = [below, atLeast(below * 1.5)].map { multiples(of: $0, in: range) }
        return choices.min { abs($0.count - count) < abs($1.count - count) } ?? []
    }

    /// 1, 2 and 5 of every decade, or only 1 and every so manieth where they would be more than `count`.
    static func logarithmic(in range: ClosedRange<Double>, about count: Int) -> [Double] {
        guard range.lowerBound > 0 else { return [] }
        let decades = exponent(range.lowerBound)...exponent(range.upperBound)
        let all = decades.flatMap { decade in leading.map { $0 * power(decade) } }.filter { fits($0, range) }
        if all.count <= count { return all }
        let stride = max(1, (decades.count + count - 1) / count)
        return decades.filter { $0 % stride == 0 }.map(power).filter { fits($0, range) }
    }

    /// The largest such number that is not above `number`, which is positive.
    static func atMost(_ number: Double) -> Double {
        let decade = power(exponent(number))
        let digit = leading.last { $0 * decade <= number * (1 + 1e-9) } ?? 1
        return digit * decade
    }

    /// The smallest such number that is not below `number`, which is positive.
    static func atLeast(_ number: Double) -> Double {
        let decade = power(exponent(number))
        let digit = leading.first { $0 * decade >= number * (1 - 1e-9) } ?? 10
        return digit * decade
    }

    private static func fits(_ number: Double, _ range: ClosedRange<Double>) -> Bool {
        number >= range.lowerBound * (1 - 1e-9) && number <= range.upperBound * (1 + 1e-9)
    }

    private static func exponent(_ number: Double) -> Int {
        Int((log10(number) + 1e-9).rounded(.down))
    }

    private static func power(_ exponent: Int) -> Double { pow(10, Double(exponent)) }

    private static func multiples(of step: Double, in range: ClosedRange<Double>) -> [Double] {
        // A thousandth of a step forgives what floating point lost.
        let first = Int((range.lowerBound / step - 0.001).rounded(.up))
        let last = Int((range.upperBound / step + 0.001).rounded(.down))
        return first > last ? [] : (first...last).map { multiple($0, of: step) }
    }

    /// Dividing by a whole number keeps 0.3 from being 0.30000000000000004.
    private static func multiple(_ count: Int, of step: Double) -> Double {
        step < 1 ? Double(count) / (1 / step).rounded() : Double(count) * step
    }
}
