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

    /// For a terminal: a block a case, the columns as wide in all of them.
    var table: String {
        let blocks = results.map { (title: "\($0.name)  \(remark(on: $0))", rows: rows($0)) }
        var lines = Table(Self.header, blocks.flatMap(\.rows)).lines.map { "  " + $0 }[...]
        let header = lines.popFirst() ?? ""
        let texts = blocks.map { block in
            defer { lines = lines.dropFirst(block.rows.count) }
            return ([block.title] + lines.prefix(block.rows.count)).joined(separator: "\n")
        }
        return ([header] + texts + omissions).joined(separator: "\n\n")
    }

    /// For a page: a table a case.
    var markdown: String {
        let tables = results.map { result in
            "### \(result.name)\n\n\(remark(on: result))\n\n\(Table(Self.header, rows(result)).markdown)"
        }
        return ([introduction] + tables + omissions).joined(separator: "\n\n") + "\n"
    }
}
