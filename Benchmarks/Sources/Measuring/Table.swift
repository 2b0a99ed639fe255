/// Rows under a header, every one as long as the header.
package struct Table {
    private let header: [String]
    private let rows: [[String]]

    package init(_ header: [String], _ rows: [[String]]) {
        (self.header, self.rows) = (header, rows)
    }

    /// For a terminal: columns padded with spaces.
    package var text: String { lines.joined(separator: "\n") }

    /// The header and a line for each row.
    package var lines: [String] {
        let all = [header] + rows
        let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { line in
            let cells = zip(line, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            return cells.joined(separator: "  ").trimmingTrailingSpaces
        }
    }

    /// For a page.
    package var markdown: String {
        let rule = header.map { _ in "---" }
        return ([header, rule] + rows).map(Self.markdown).joined(separator: "\n")
    }

    private static func markdown(_ cells: [String]) -> String {
        let texts = cells.map { cell in
            cell.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
        }
        return "| " + texts.joined(separator: " | ") + " |"
    }
}

extension String {
    fileprivate var trimmingTrailingSpaces: String {
        String(self[..<(lastIndex { $0 != " " }.map(index(after:)) ?? startIndex)])
    }
}
