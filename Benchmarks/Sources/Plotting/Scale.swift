import Glibc

/// How numbers lie along an axis.
package enum Spacing: Sendable {
    /// Equal differences are equally far apart.
    case linear
    /// Equal ratios are equally far apart; only positive numbers have a place.
    case logarithmic
}

/// Where on the canvas a number lies.
struct Scale {
    let spacing: Spacing
    let domain: ClosedRange<Double>
    /// Where the domain begins and ends, in pixels; the end may lie before the beginning, as it does on the way up.
    let start: Double
    let end: Double

    func position(_ number: Double) -> Double {
        let whole = place(domain.upperBound) - place(domain.lowerBound)
        return start + (place(number) - place(domain.lowerBound)) / whole * (end - start)
    }

    /// The numbers to be written beside the axis, about so many.
    func ticks(about count: Int) -> [Double] {
        switch spacing {
        case .linear: Ticks.linear(in: domain, about: count)
        case .logarithmic: Ticks.logarithmic(in: domain, about: count)
        }
    }

    private func place(_ number: Double) -> Double {
        switch spacing {
        case .linear: number
        case .logarithmic: log10(number)
        }
    }
}
