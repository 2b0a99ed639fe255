import Measuring

/// An element of an SVG document. Whatever text and values go in come out escaped, and what opens is closed.
struct Element {
    private let name: String
    /// In the order given, so that the same picture is the same bytes.
    private let attributes: [(name: String, value: String)]
    private let text: String
    private let children: [Element]

    init(
        _ name: String, _ attributes: KeyValuePairs<String, String> = [:], text: String = "",
        _ children: [Element] = []
    ) {
        self.name = name
        self.attributes = attributes.map { (name: $0.key, value: $0.value) }
        self.text = text
        self.children = children
    }

    /// Line by line, what is inside indented.
    func lines(indent: String = "") -> [String] {
        let words = attributes.map { " \($0.name)=\"\(Self.escaped($0.value))\"" }.joined()
        let head = "\(indent)<\(name)\(words)"
        if children.isEmpty {
            return [text.isEmpty ? head + "/>" : "\(head)>\(Self.escaped(text))</\(name)>"]
        }
        let inside = children.flatMap { $0.lines(indent: indent + " ") }
        return ["\(head)>\(Self.escaped(text))"] + inside + ["\(indent)</\(name)>"]
    }

    /// XML has no way to write most control characters: they become what stands for the unreadable.
    static func escaped(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            switch scalar {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "\"": "&quot;"
            case "\n", "\t": String(scalar)
            case _ where scalar.value < 0x20 || scalar.value == 0xfffe || scalar.value == 0xffff: "\u{fffd}"
            default: String(scalar)
            }
        }.joined()
    }
}

/// A place on the canvas, in pixels from its top left corner.
struct Point {
    var x: Double
    var y: Double

    /// `12 34.5`, a tenth of a pixel being enough.
    var text: String { "\(pixels(x)) \(pixels(y))" }
}

/// A length or a coordinate as SVG wants it, without needless digits.
func pixels(_ number: Double) -> String {
    let text = fixed(number, digits: 1)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

extension Element {
    /// Where the text is in relation to its point.
    enum Anchor: String {
        case start, middle, end
    }

    static func label(_ style: String, _ place: Point, _ text: String, _ anchor: Anchor = .start) -> Element {
        Element(
            "text",
            [
                "class": style, "x": pixels(place.x), "y": pixels(place.y), "text-anchor": anchor.rawValue,
            ], text: text)
    }

    static func box(_ style: String, at corner: Point, width: Double, height: Double, radius: Double = 0) -> Element {
        Element(
            "rect",
            [
                "class": style, "x": pixels(corner.x), "y": pixels(corner.y), "width": pixels(width),
                "height": pixels(height), "rx": pixels(radius),
            ])
    }

    /// Straight from point to point.
    static func path(_ style: String, _ points: [Point], isClosed: Bool = false) -> Element {
        let steps = "M" + points.map(\.text).joined(separator: "L") + (isClosed ? "Z" : "")
        return Element("path", ["class": style, "d": steps])
    }

    static func dot(_ style: String, _ center: Point, radius: Double) -> Element {
        Element("circle", ["class": style, "cx": pixels(center.x), "cy": pixels(center.y), "r": pixels(radius)])
    }

    /// A square on its tip.
    static func diamond(_ style: String, _ center: Point, radius: Double) -> Element {
        let corners = [(0.0, -radius), (radius, 0.0), (0.0, radius), (-radius, 0.0)]
        return path(style, corners.map { Point(x: center.x + $0.0, y: center.y + $0.1) }, isClosed: true)
    }
}
