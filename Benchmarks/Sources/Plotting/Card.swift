/// The sheet that a plot is drawn on: a background of its own, a title, and a line that says how to read it.
struct Card {
    static let width = 800.0
    static let padding = 24.0
    /// Where the plot itself begins.
    static let top = 84.0

    let title: String
    let subtitle: String
    let height: Double

    /// The whole document.
    func document(_ content: [Element]) -> String {
        let root = Element(
            "svg",
            [
                "xmlns": "http://www.w3.org/2000/svg", "width": pixels(Self.width), "height": pixels(height),
                "viewBox": "0 0 \(pixels(Self.width)) \(pixels(height))", "role": "img",
            ], frame + content)
        return root.lines().joined(separator: "\n") + "\n"
    }

    private var frame: [Element] {
        [
            Element("title", text: title), Element("desc", text: subtitle), Element("style", text: Palette.sheet),
            Element("defs", [:], [Self.hatch]),
            .box("card", at: Point(x: 0.5, y: 0.5), width: Self.width - 1, height: height - 1, radius: 8),
            .label("title ink", Point(x: Self.padding, y: 36), title),
            .label("word soft", Point(x: Self.padding, y: 57), subtitle),
        ]
    }

    /// Stripes in the color of the background, to be laid over an area.
    private static let hatch = Element(
        "pattern",
        [
            "id": "hatch", "width": "7", "height": "7", "patternUnits": "userSpaceOnUse",
            "patternTransform": "rotate(45)",
        ], [Element("path", ["class": "stripe", "d": "M0 0V7"])])
}

/// About how wide a text is, in pixels: there is no font to ask.
func width(of text: String, size: Double) -> Double { Double(text.count) * size * 0.56 }
