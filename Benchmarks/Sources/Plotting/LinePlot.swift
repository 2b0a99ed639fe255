package import Measuring

/// Curves over one quantity that was varied, each named where it ends.
package struct LinePlot {
    /// What a direction of the plot stands for.
    package struct Axis {
        package let name: String
        package let spacing: Spacing
        /// How a number beside the axis is written.
        package let format: (Double) -> String
        /// The only numbers to be written there, if not all that are round.
        package let ticks: [Double]?

        package init(
            _ name: String, _ spacing: Spacing, ticks: [Double]? = nil, format: @escaping (Double) -> String
        ) {
            (self.name, self.spacing, self.ticks, self.format) = (name, spacing, ticks, format)
        }
    }

    /// What was measured at one place.
    package struct Sample {
        package let x: Double
        package let y: Spread

        package init(x: Double, y: Spread) {
            (self.x, self.y) = (x, y)
        }
    }

    /// One curve.
    package struct Curve {
        package let name: String
        /// What is to be known of it besides, such as its slope.
        package let note: String
        package let hue: Hue
        /// For what is no contender but a measure.
        package let isDashed: Bool
        /// From left to right.
        package let samples: [Sample]

        package init(_ name: String, note: String = "", _ hue: Hue, isDashed: Bool = false, _ samples: [Sample]) {
            (self.name, self.note, self.hue, self.isDashed, self.samples) = (name, note, hue, isDashed, samples)
        }
    }

    /// A place on the way that is worth a word.
    package struct Landmark {
        package let x: Double
        package let name: String

        package init(x: Double, name: String) {
            (self.x, self.name) = (x, name)
        }
    }

    package let title: String
    package let subtitle: String
    package let x: Axis
    package let y: Axis
    package let curves: [Curve]
    package let landmarks: [Landmark]

    package init(
        title: String, subtitle: String, x: Axis, y: Axis, _ curves: [Curve], landmarks: [Landmark] = []
    ) {
        (self.title, self.subtitle, self.x, self.y) = (title, subtitle, x, y)
        self.curves = curves.filter { !$0.samples.isEmpty }
        self.landmarks = landmarks
    }

    /// The plot as a file; nil when there is nothing to see.
    package var svg: String? {
        guard let field = Field(self) else { return nil }
        let card = Card(title: title, subtitle: subtitle, height: Field.height)
        // The first curve is drawn last, over the others.
        let drawing = field.grid + landmarks.flatMap(field.landmark) + curves.reversed().flatMap(field.curve)
        return card.document(drawing + field.names(of: curves))
    }
}
