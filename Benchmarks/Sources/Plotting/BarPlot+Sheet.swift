import Measuring

extension BarPlot {
    /// The groups below one another, in two columns where there are many.
    struct Sheet {
        static let rowHeight = 21.0
        static let headHeight = 30.0
        private static let axisHeight = 34.0
        private static let legendHeight = 34.0
        private static let gap = 28.0
        /// More rows than these make two columns.
        private static let rowsOfOneColumn = 14

        private let plot: BarPlot
        private let columns: [[Group]]
        private let domain: ClosedRange<Double>

        init?(_ plot: BarPlot) {
            let ratios = plot.groups.flatMap(\.bars).map(\.ratio)
            guard let low = ratios.map(\.lowest).min(), let high = ratios.map(\.highest).max(), low > 0 else {
                return nil
            }
            self.plot = plot
            domain = min(low * 0.95, 0.8)...max(high * 1.05, 2)
            let rows = plot.groups.reduce(0) { $0 + $1.bars.count }
            columns = rows > Self.rowsOfOneColumn ? Self.halved(plot.groups) : [plot.groups]
        }

        var height: Double { Card.top + Self.tallest(columns) + Self.axisHeight + Self.legendHeight }

        var drawing: [Element] {
            let count = Double(columns.count)
            let width = (Card.width - 2 * Card.padding - (count - 1) * Self.gap) / count
            let labels = plot.groups.flatMap(\.bars).map { Plotting.width(of: $0.name, size: 12) }.max() ?? 0
            let content = columns.enumerated().flatMap { index, groups in
                let left = Card.padding + Double(index) * (width + Self.gap)
                return Column(left: left, width: width, labels: min(labels, width / 2), domain).drawing(groups)
            }
            return content + legend
        }

        /// Cut where the taller half is least tall; the order stays.
        private static func halved(_ groups: [Group]) -> [[Group]] {
            let cuts = (1..<max(2, groups.count)).map { [Array(groups.prefix($0)), Array(groups.dropFirst($0))] }
            let best = cuts.min { tallest($0) < tallest($1) } ?? [groups]
            return best.filter { !$0.isEmpty }
        }

        private static func tallest(_ columns: [[Group]]) -> Double {
            columns.map { $0.reduce(0) { $0 + headHeight + Double($1.bars.count) * rowHeight } }.max() ?? 0
        }
    }
}

extension BarPlot.Sheet {
    /// Only what is in the picture.
    private var legend: [Element] {
        let kinds = plot.groups.flatMap(\.bars).map(\.kind)
        var elements: [Element] = []
        var x = Card.padding
        let y = height - 22
        func add(_ symbols: [Element], _ text: String) {
            elements += symbols + [.label("note soft", Point(x: x + 22, y: y + 4), text)]
            x += 22 + width(of: text, size: 11.5) + 20
        }
        add([.path("thin axis", [Point(x: x + 7, y: y - 7), Point(x: x + 7, y: y + 7)])], "\(plot.reference) = 1")
        add(Self.whisker(from: x, to: x + 15, y), "lowest and highest round")
        if kinds.contains(.lossy) { add(Self.bar(.lossy, .blue, from: x, to: x + 15, y), "lost something") }
        if kinds.contains(.measure) {
            add([.diamond("gray-fill", Point(x: x + 7, y: y), radius: 5.5)], "the floor: the system calls alone")
        }
        return elements
    }

    static func whisker(from low: Double, to high: Double, _ y: Double) -> [Element] {
        let ends = [low, high].map { x in
            Element.path("thin whisker", [Point(x: x, y: y - 3), Point(x: x, y: y + 3)])
        }
        return ends + [.path("thin whisker", [Point(x: low, y: y), Point(x: high, y: y)])]
    }

    static func bar(
        _ kind: BarPlot.Bar.Kind, _ hue: Hue, from start: Double, to end: Double, _ y: Double
    ) -> [Element] {
        let corner = Point(x: min(start, end), y: y - 6)
        let area = { (style: String) in
            Element.box(style, at: corner, width: max(1, abs(end - start)), height: 12, radius: 1.5)
        }
        if kind == .whole { return [area(hue.fill)] }
        return [area("pale \(hue.fill)"), area("hatched")]
    }
}
