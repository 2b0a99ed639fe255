/// A line of text and the way in which a terminal shows it.
package struct StyledLine: Hashable, Sendable {
    package enum Style: String, Sendable {
        case plain = ""
        case heading = "\u{1b}[1m"
        case warning = "\u{1b}[33m"
        case good = "\u{1b}[32m"
        case bad = "\u{1b}[31m"
    }

    package let text: String
    package let style: Style

    package init(_ text: String, _ style: Style = .plain) {
        self.text = text
        self.style = style
    }

    /// The escaped text between the control sequences of the style.
    var terminalText: String {
        style == .plain ? text.printable : "\(style.rawValue)\(text.printable)\u{1b}[0m"
    }
}
