import Measuring

extension LinePlot {
    /// The part of the card that the curves are drawn in.
    struct Field {
        static let height = 450.0
        private static let left = 72.0
        /// The names of the curves are right of it.
        private static let right = Card.width - 196
        private static let top = Card.top + 22
        private static let bottom = height - 60
        /// Between the baselines of two names, each with its note.
        private static let nameSpacing = 37.0

        private let plot: LinePlot
        private let horizontal: Scale
        private let vertical: Scale

        init?(_ plot: LinePlot) {
            let samples = plot.curves.flatMap(\.samples)
            guard let across = Spread(samples.map(\.x)),
                let up = Spread(samples.flatMap { [$0.y.lowest, $0.y.highest] }), up.highest > 0
            else { return nil }
            self.plot = plot
            let last = across.lowest < across.highest ? across.highest : across.lowest + 1
            horizontal = Scale(
                spacing: plot.x.spacing, domain: across.lowest...last, start: Self.left + 14, end: Self.right - 10)
            vertical = Scale(
                spacing: plot.y.spacing, domain: Self.domain(plot.y.spacing, up), start: Self.bottom, end: Self.top)
        }

        /// To round numbers: a linear axis begins at zero, so that heights compare as they look.
        private static func domain(_ spacing: Spacing, _ spread: Spread) -> ClosedRange<Double> {
            switch spacing {
            case .linear:
                let step = Ticks.atMost(spread.highest / 5)
                return 0...(spread.highest / step).rounded(.up) * step
            case .logarithmic:
                let (low, high) = (Ticks.atMost(spread.lowest), Ticks.atLeast(spread.highest))
                return low < high ? low...high : low...low * 10
            }
        }

        private func place(_ sample: Sample, _ number: Double) -> Point {
            Point(x: horizontal.position(sample.x), y: vertical.position(number))
        }
    }
}

extension LinePlot.Field {
    /// Lines across for the numbers, none upright: the points themselves show where they are.
    var grid: [Element] {
        let levels = vertical.ticks(about: 6).flatMap { number in
            let y = vertical.position(number)
            return [
                Element.path("thin grid", [Point(x: Self.left, y: y), Point(x: Self.right, y: y)]),
                .label("note soft", Point(x: Self.left - 8, y: y + 4), plot.y.format(number), .end),
            ]
        }
        let places = (plot.x.ticks ?? horizontal.ticks(about: 8)).flatMap { number in
            let x = horizontal.position(number)
            return [
                Element.path("thin axis", [Point(x: x, y: Self.bottom), Point(x: x, y: Self.bottom + 5)]),
                .label("note soft", Point(x: x, y: Self.bottom + 20), plot.x.format(number), .middle),
            ]
        }
        let ground = [Point(x: Self.left, y: Self.bottom), Point(x: Self.right, y: Self.bottom)]
        let middle = Point(x: (Self.left + Self.right) / 2, y: Self.bottom + 42)
        return levels + places + [
            .path("thin axis", ground), .label("word soft", middle, plot.x.name, .middle),
            .label("word soft", Point(x: Card.padding, y: Self.top - 16), plot.y.name),
        ]
    }

    func landmark(_ landmark: LinePlot.Landmark) -> [Element] {
        guard horizontal.domain.contains(landmark.x) else { return [] }
        let x = horizontal.position(landmark.x)
        return [
            .path("thin dashed axis", [Point(x: x, y: Self.bottom), Point(x: x, y: Self.top)]),
            .label("note soft", Point(x: x + 6, y: Self.top + 11), landmark.name),
        ]
    }

    /// A band from the lowest to the highest, the medians as a line, each a dot.
    func curve(_ curve: LinePlot.Curve) -> [Element] {
        let medians = curve.samples.map { place($0, $0.y.median) }
        let upper = curve.samples.map { place($0, $0.y.highest) }
        let lower = curve.samples.map { place($0, $0.y.lowest) }
        let dash = curve.isDashed ? " dashed" : ""
        return [
            .path("band \(curve.hue.fill)", upper + lower.reversed(), isClosed: true),
            .path(curve.hue.stroke + dash, medians),
        ] + medians.map { .dot("ring \(curve.hue.fill)", $0, radius: 4) }
    }

    /// Right of the field, each as near to its curve's end as the others let it.
    func names(of curves: [LinePlot.Curve]) -> [Element] {
        let ends = curves.compactMap { curve in
            curve.samples.last.map { (curve: curve, y: place($0, $0.y.median).y) }
        }.sorted { $0.y < $1.y }
        let heights = Self.spread(ends.map(\.y), atLeast: Self.nameSpacing, until: Self.bottom - 10)
        return zip(ends, heights).flatMap { end, y in
            [
                Element.label("name \(end.curve.hue.fill)", Point(x: Self.right + 10, y: y + 3), end.curve.name),
                .label("note soft", Point(x: Self.right + 10, y: y + 19), end.curve.note),
            ]
        }
    }

    /// Moves heights, which come sorted, down until they are so far apart, and up again from the end.
    static func spread(_ heights: [Double], atLeast distance: Double, until end: Double) -> [Double] {
        var moved: [Double] = []
        for height in heights { moved.append(max(height, (moved.last ?? -.infinity) + distance)) }
        var limit = end
        for index in moved.indices.reversed() {
            moved[index] = min(moved[index], limit)
            limit = moved[index] - distance
        }
        return moved
    }
}
