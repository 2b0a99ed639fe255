/// What tells one series from another.
package enum Hue: String, CaseIterable, Sendable {
    case blue, orange, gray, green, purple, pink

    fileprivate var onLight: String {
        switch self {
        case .blue: "#0969da"
        case .orange: "#c2570c"
        case .gray: "#6e7781"
        case .green: "#1a7f37"
        case .purple: "#8250df"
        case .pink: "#bf3989"
        }
    }

    fileprivate var onDark: String {
        switch self {
        case .blue: "#4493f8"
        case .orange: "#f0883e"
        case .gray: "#9198a1"
        case .green: "#3fb950"
        case .purple: "#ab7df8"
        case .pink: "#e275ad"
        }
    }

    /// The class of a line in this hue.
    var stroke: String { "line \(rawValue)-line" }
    /// The class of an area in this hue.
    var fill: String { "\(rawValue)-fill" }
}

/// The style sheet that all plots share. They bring their own background, so that it does not matter whether the
/// page around them is as light or dark as the reader's system says.
enum Palette {
    static let sheet = """
        \(common)
        \(colors(of: light))
        @media (prefers-color-scheme: dark) {
        \(colors(of: dark))
        }
        """

    private struct Colors: Sendable {
        let card: String
        let border: String
        let ink: String
        let soft: String
        let grid: String
        let hue: @Sendable (Hue) -> String
    }

    private static let light = Colors(
        card: "#ffffff", border: "#d1d9e0", ink: "#1f2328", soft: "#59636e", grid: "#e6eaef", hue: { $0.onLight })
    private static let dark = Colors(
        card: "#0d1117", border: "#3d444d", ink: "#f0f6fc", soft: "#9198a1", grid: "#252b34", hue: { $0.onDark })

    private static let common = """
        text { font-family: -apple-system, BlinkMacSystemFont, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; }
        .title { font-size: 17px; font-weight: 600; }
        .name { font-size: 13px; font-weight: 600; }
        .word { font-size: 12px; }
        .note { font-size: 11.5px; }
        .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
        .dashed { stroke-dasharray: 5 4; }
        .band { opacity: 0.16; }
        .pale { opacity: 0.45; }
        .thin { fill: none; stroke-width: 1; }
        .hatched { fill: url(#hatch); }
        """

    private static func colors(of colors: Colors) -> String {
        let general = """
            .card { fill: \(colors.card); stroke: \(colors.border); }
            .ink { fill: \(colors.ink); }
            .soft { fill: \(colors.soft); }
            .grid { stroke: \(colors.grid); }
            .axis { stroke: \(colors.soft); }
            .whisker { stroke: \(colors.ink); }
            .stripe { stroke: \(colors.card); stroke-width: 3; }
            .ring { stroke: \(colors.card); stroke-width: 1.5; }
            """
        let hues = Hue.allCases.map { hue in
            ".\(hue.rawValue)-line { stroke: \(colors.hue(hue)); } .\(hue.fill) { fill: \(colors.hue(hue)); }"
        }
        return ([general] + hues).joined(separator: "\n")
    }
}
