import Measuring

extension BarPlot {
    /// Groups below one another along one axis.
    struct Column {
        private let left: Double
        private let labels: Double
        private let scale: Scale

        /// - Parameter labels: how wide the names of the bars are.
        init(left: Double, width: Double, labels: Double, _ domain: ClosedRange<Double>) {
            self.left = left
            self.labels = labels
            // The last bar's number is right of it.
            scale = Scale(
                spacing: .logarithmic, domain: domain, start: left + labels + 12, end: left + width - 44)
        }

        func drawing(_ groups: [Group]) -> [Element] {
            var y = Card.top
            var elements: [Element] = []
            for group in groups {
                elements.append(.label("name ink", Point(x: left, y: y + 17), group.name))
                y += Sheet.headHeight
                let height = Double(group.bars.count) * Sheet.rowHeight
                elements += grid(from: y - 4, to: y + height)
                for (index, bar) in group.bars.enumerated() {
                    elements += row(bar, y + (Double(index) + 0.5) * Sheet.rowHeight - 2)
                }
                y += height
            }
            return elements + numbers(y)
        }

        private var ticks: [Double] { scale.ticks(about: 6) }

        private func grid(from top: Double, to bottom: Double) -> [Element] {
            let lines = ticks.filter { $0 != 1 }.map { upright("thin grid", $0, top, bottom) }
            return lines + [upright("thin axis", 1, top, bottom)]
        }

        private func upright(_ style: String, _ number: Double, _ top: Double, _ bottom: Double) -> Element {
            let x = scale.position(number)
            return .path(style, [Point(x: x, y: top), Point(x: x, y: bottom)])
        }

        private func numbers(_ y: Double) -> [Element] {
            ticks.map { number in
                let text = fixed(number, digits: number < 1 ? 1 : 0) + "×"
                return .label("note soft", Point(x: scale.position(number), y: y + 16), text, .middle)
            }
        }

        private func row(_ bar: Bar, _ y: Double) -> [Element] {
            let (start, end) = (scale.position(1), scale.position(bar.ratio.median))
            let mark: [Element] =
                switch bar.kind {
                case .measure: [.diamond("gray-fill", Point(x: end, y: y), radius: 5.5)]
                case .whole, .lossy:
                    Sheet.bar(bar.kind, bar.ratio.median < 1 ? .orange : .blue, from: start, to: end, y)
                }
            let (low, high) = (scale.position(bar.ratio.lowest), scale.position(bar.ratio.highest))
            let number = Point(x: max(start, end, high) + 7, y: y + 4)
            return [.label("word ink", Point(x: left + labels, y: y + 4), bar.name, .end)] + mark
                + Sheet.whisker(from: low, to: high, y) + [.label("word ink", number, Self.times(bar.ratio.median))]
        }

        /// Three digits are enough to tell ratios apart.
        private static func times(_ ratio: Double) -> String {
            fixed(ratio, digits: ratio < 1.995 ? 2 : ratio < 99.95 ? 1 : 0) + "×"
        }
    }
}
