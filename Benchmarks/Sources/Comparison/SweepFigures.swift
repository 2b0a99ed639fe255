import Measuring

/// A figure that is asked of a sweep.
struct SweepFigure {
    let name: String
    /// Nil when it could not be found out.
    let value: String?
    let asked: String
    private let isReached: Bool

    init(_ name: String, _ value: String?, asked: String, isReached: Bool) {
        (self.name, self.value, self.asked, self.isReached) = (name, value, asked, isReached)
    }

    /// What is not known is not met: it might hide a result.
    var isMet: Bool { value != nil && isReached }

    /// `met`, `MISSED` or `UNKNOWN`.
    var word: String { value == nil ? "UNKNOWN" : isMet ? "met" : "MISSED" }
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
        guard let few = curve[Self.few]?.time,
            let many = curve[Self.many]?.time
        else { return nil }
        self.init(few: few.median, many: many.median)
    }

    /// Where the kernel itself is not linear, it is the distance to the floor that counts.
    func isMet(besides floor: Linearity?) -> Bool {
        if Self.tolerance.contains(ratio) { return true }
        guard let floor, !Self.tolerance.contains(floor.ratio) else { return false }
        return Self.tolerance.contains(ratio / floor.ratio)
    }

    /// Nil where it is not asked for: a quick run has not so many files.
    static func figure(_ outcome: SweepByFiles.Outcome) -> SweepFigure? {
        guard outcome.sweep.counts.contains(many) else { return nil }
        let own = Linearity(outcome.repot)
        let floor = outcome.floor.flatMap { Linearity($0) }
        let besides = floor.map { "; the floor \(fixed($0.ratio))" } ?? ""
        return SweepFigure(
            "\(outcome.sweep.name): time for \(grouped(many)) files by 100 times that for \(grouped(few))",
            own.map { fixed($0.ratio) + besides }, asked: "0.85 to 1.15",
            isReached: own?.isMet(besides: floor) ?? false)
    }
}

/// How much memory repot may take for a million files.
enum PeakMemory {
    private static let files = 1_000_000
    private static let limit = 64 << 20

    /// Nil where it is not asked for.
    static func figure(_ outcome: SweepByFiles.Outcome) -> SweepFigure? {
        guard outcome.sweep.counts.contains(files) else { return nil }
        let peak = outcome.repot[files]?.peak
        return SweepFigure(
            "\(outcome.sweep.name): peak memory at \(grouped(files)) files", peak.map(mebibytes),
            asked: "at most \(mebibytes(limit))", isReached: peak.map { $0 <= limit } ?? false)
    }
}

/// `12.3 MiB`.
func mebibytes(_ bytes: Int) -> String { fixed(Double(bytes) / Double(1 << 20), digits: 1) + " MiB" }
