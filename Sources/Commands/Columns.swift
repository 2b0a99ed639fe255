import SystemCalls

/// Rows of texts under each other, numbers to the right and the last column cut where the terminal ends.
struct Columns {
    private var rows: [[String]] = []
    private var marks: [StyledLine.Style] = []
    /// How wide the terminal is; nil for what is none, where nothing is cut and nothing is coloured.
    private let width: Int?

    init(width: Int?) { self.width = width }

    /// For standard output as it is.
    static var forOutput: Columns { Columns(width: Console.columns(of: .output)) }

    mutating func add(_ cells: [String], _ style: StyledLine.Style = .plain) {
        rows.append(cells)
        marks.append(style)
    }

    /// The lines.
    var lines: [StyledLine] {
        let widths = rows.reduce(into: [Int]()) { widths, row in
            for (column, cell) in row.dropLast().enumerated() {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], cell.count)
            }
        }
        return zip(rows, marks).map { row, style in
            let start = row.dropLast().enumerated().map { column, cell in
                String(repeating: " ", count: widths[column] - cell.count) + cell
            }
            let used = start.reduce(0) { $0 + $1.count + 2 }
            let text = (start + [cut(row.last ?? "", to: used)]).joined(separator: "  ")
            return StyledLine(text, isColoured ? style : .plain)
        }
    }

    /// In the middle, since both ends of a store path's name tell something.
    private func cut(_ text: String, to used: Int) -> String {
        guard let width, used + text.count > width else { return text }
        let room = max(width - used - 1, 8)
        return text.prefix(room - room / 2) + "…" + text.suffix(room / 2)
    }

    private var isColoured: Bool { width != nil && (ProcessState.variable("NO_COLOR") ?? "").isEmpty }
}
