import Measuring

extension Report {
    /// The columns of both tables.
    private static let header = [
        "", "time", "ratio", "min–max", "asked", "", "floor", "work", "memory", "against the source",
    ]

    /// repot's row, then one a peer.
    private func rows(_ result: CaseResult) -> [[String]] {
        [row(result, result.repot, nil)] + judgements(of: result).map { row(result, $0.peer, $0) }
    }

    private func row(_ result: CaseResult, _ performance: Performance, _ judgement: Judgement?) -> [String] {
        let ratio = judgement?.ratio
        let work = judgement == nil ? nil : result.work(of: performance)
        return [
            performance.contender.name,
            performance.time.map { readable(seconds: $0.median) } ?? "-",
            ratio.map { fixed($0.median) } ?? "",
            ratio.map { "\(fixed($0.lowest))–\(fixed($0.highest))" } ?? "",
            judgement?.limit.map { fixed($0) } ?? "",
            performance.isMistake ? "WRONG" : judgement?.word ?? "",
            result.nearness(of: performance).map { fixed($0) } ?? "",
            work.map { fixed($0) } ?? "",
            performance.peak.map { "\(($0 + 1 << 19) >> 20) MiB" } ?? "",
            performance.shortWord,
        ]
    }

    /// For a terminal: a block a case, its columns padded with spaces.
    var table: String {
        let blocks = results.map { (title: "\($0.name)  \(remark(on: $0))", rows: rows($0)) }
        let lines = [Self.header] + blocks.flatMap(\.rows)
        let widths = Self.header.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        let texts = blocks.map { block in
            ([block.title] + block.rows.map { Self.padded($0, widths) }).joined(separator: "\n")
        }
        return ([Self.padded(Self.header, widths)] + texts + omissions).joined(separator: "\n\n")
    }

    private static func padded(_ line: [String], _ widths: [Int]) -> String {
        let cells = zip(line, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
        let text = "  " + cells.joined(separator: "  ")
        return String(text.prefix(text.count - text.reversed().prefix { $0 == " " }.count))
    }

    /// For a page: a table a case.
    var markdown: String {
        let tables = results.map { result in
            let lines = [Self.header, Self.header.map { _ in "---" }] + rows(result)
            return (["### \(result.name)", "", remark(on: result), ""] + lines.map(Self.line)).joined(separator: "\n")
        }
        return ([introduction] + tables + omissions).joined(separator: "\n\n") + "\n"
    }

    private static func line(_ cells: [String]) -> String {
        let texts = cells.map { cell in
            cell.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
        }
        return "| " + texts.joined(separator: " | ") + " |"
    }
}
