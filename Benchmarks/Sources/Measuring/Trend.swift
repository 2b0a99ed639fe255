import Glibc

/// A power law through measured points: y grows as x^slope.
package struct Trend {
    /// 1 where y grows as x does.
    package let slope: Double

    /// By least squares of log y over log x; nil when two different x are not among the points.
    package init?(_ points: [(x: Double, y: Double)]) {
        let logs = points.filter { $0.x > 0 && $0.y > 0 }.map { (x: log($0.x), y: log($0.y)) }
        let count = Double(logs.count)
        let middle = (x: logs.reduce(0) { $0 + $1.x } / count, y: logs.reduce(0) { $0 + $1.y } / count)
        let squares = logs.reduce(0) { $0 + ($1.x - middle.x) * ($1.x - middle.x) }
        guard squares > 0 else { return nil }
        slope = logs.reduce(0) { $0 + ($1.x - middle.x) * ($1.y - middle.y) } / squares
    }
}
