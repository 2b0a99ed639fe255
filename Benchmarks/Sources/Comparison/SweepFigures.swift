import Measuring

/// A figure that is asked of a sweep.
struct SweepFigure {
    let name: String
    let value: String
    let asked: String
    let isMet: Bool
}

/// How far the time for a hundred times as many files is from a hundred times the time.
struct Linearity {
    private static let (few, many) = (10_000, 1_000_000)
    private static let tolerance = 0.85...1.15

    /// 1 when it is exactly that.
    let ratio: Double

    init(few: Double, many: Double) {
        ratio = many / few / Double(Self.many / Self.few)
    }

    /// By medians; nil when either was not measured.
    init?(_ curve: SweepByFiles.Curve) {
        guard let few = curve[Self.few].flatMap({ Spread($0.seconds) }),
            let many = curve[Self.many].flatMap({ Spread($0.seconds) })
        else { return nil }
        self.init(few: few.median, many: many.median)
    }

    /// Where the kernel itself is not linear, it is the distance to the floor that counts.
    func isMet(besides floor: Linearity?) -> Bool {
        if Self.tolerance.contains(ratio) { return true }
        guard let floor, !Self.tolerance.contains(floor.ratio) else { return false }
        return Self.tolerance.contains(ratio / floor.ratio)
    }

    static func figure(_ outcome: SweepByFiles.Outcome) -> SweepFigure? {
        guard let own = Linearity(outcome.repot) else { return nil }
        let floor = outcome.floor.flatMap { Linearity($0) }
        let besides = floor.map { "; the floor \(fixed($0.ratio))" } ?? ""
        return SweepFigure(
            name: "\(outcome.sweep.name): time for \(grouped(many)) files by 100 times that for \(grouped(few))",
            value: fixed(own.ratio) + besides, asked: "0.85 to 1.15", isMet: own.isMet(besides: floor))
    }
}

/// How much memory repot may take for a million files.
enum PeakMemory {
    private static let files = 1_000_000
    private static let limit = 64 << 20

    static func figure(_ outcome: SweepByFiles.Outcome) -> SweepFigure? {
        guard let peak = outcome.repot[files]?.peakBytes.max() else { return nil }
        return SweepFigure(
            name: "\(outcome.sweep.name): peak memory at \(grouped(files)) files", value: mebibytes(peak),
            asked: "at most \(mebibytes(limit))", isMet: peak <= limit)
    }
}

/// `12.3 MiB`.
func mebibytes(_ bytes: Int) -> String { fixed(Double(bytes) / Double(1 << 20), digits: 1) + " MiB" }
