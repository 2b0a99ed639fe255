/// The middle of some numbers, and how far they lie apart.
package struct Spread {
    package let median: Double
    package let lowest: Double
    package let highest: Double

    /// Nil when there are no numbers.
    package init?(_ numbers: [Double]) {
        let sorted = numbers.sorted()
        guard let lowest = sorted.first, let highest = sorted.last else { return nil }
        (self.lowest, self.highest) = (lowest, highest)
        let middle = sorted.count / 2
        median = sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}

/// `1.23`, for Swift without Foundation has no format for numbers.
package func fixed(_ number: Double, digits: Int = 2) -> String {
    let scale = (0..<digits).reduce(1.0) { product, _ in product * 10 }
    guard number.isFinite, abs(number) < 1e12 else { return "\(number)" }
    let units = Int((abs(number) * scale).rounded())
    let sign = number < 0 && units > 0 ? "-" : ""
    if digits == 0 { return "\(sign)\(units)" }
    let fraction = String(units % Int(scale))
    let zeros = String(repeating: "0", count: digits - fraction.count)
    return "\(sign)\(units / Int(scale)).\(zeros)\(fraction)"
}

/// `12,345`.
package func grouped(_ number: Int) -> String {
    let text = String(number)
    let parts = stride(from: text.count, to: 0, by: -3).map { end in
        String(text.dropFirst(max(0, end - 3)).prefix(min(3, end)))
    }
    return parts.reversed().joined(separator: ",")
}

/// A time in the unit in which it has few digits.
package func readable(seconds: Double) -> String {
    seconds < 0.1 ? "\(fixed(seconds * 1000)) ms" : "\(fixed(seconds, digits: 3)) s"
}
