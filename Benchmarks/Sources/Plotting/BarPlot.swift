package import Measuring

/// Ratios to one contender, as bars that begin at its own 1: to the right what is slower, to the left what is faster.
package struct BarPlot {
    /// One row of a group.
    package struct Bar {
        /// What the row is to be taken for.
        package enum Kind: Sendable {
            /// It did all of the job.
            case whole
            /// It left something out, and so its time says less.
            case lossy
            /// No contender but a measure, shown as a mark.
            case measure
        }

        package let name: String
        package let ratio: Spread
        package let kind: Kind

        package init(_ name: String, _ ratio: Spread, _ kind: Kind = .whole) {
            (self.name, self.ratio, self.kind) = (name, ratio, kind)
        }
    }

    /// Bars that belong together, from the lowest ratio to the highest.
    package struct Group {
        package let name: String
        package let bars: [Bar]

        package init(_ name: String, _ bars: [Bar]) {
            self.name = name
            self.bars = bars.sorted { ($0.ratio.median, $0.name) < ($1.ratio.median, $1.name) }
        }
    }

    package let title: String
    package let subtitle: String
    /// What stands at 1.
    package let reference: String
    package let groups: [Group]

    package init(title: String, subtitle: String, reference: String, _ groups: [Group]) {
        (self.title, self.subtitle, self.reference) = (title, subtitle, reference)
        self.groups = groups.filter { !$0.bars.isEmpty }
    }

    /// The plot as a file; nil when there is nothing to see.
    package var svg: String? {
        guard let sheet = Sheet(self) else { return nil }
        return Card(title: title, subtitle: subtitle, height: sheet.height).document(sheet.drawing)
    }
}
