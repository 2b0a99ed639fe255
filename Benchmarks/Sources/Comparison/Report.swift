import Measuring

/// All results of a run, to be shown to people and to programs.
struct Report {
    /// The columns of both tables.
    static let header = ["case", "on", "repot", "peer", "", "ratio", "min–max", "asked", "", "work", "peer's result"]

    let machine: Machine
    let isQuick: Bool
    let seed: UInt64
    let results: [CaseResult]
    let thresholds: Thresholds

    var judgements: [Judgement] {
        results.flatMap { result in
            result.peers.compactMap { Judgement(result, $0, thresholds, isQuick: isQuick) }
        }
    }

    var isPassed: Bool { judgements.allSatisfy(\.isPassed) }

    /// One line on how the figures came about.
    var introduction: String {
        "\(machine.description); \(isQuick ? "quick" : "full") run, seed \(seed). A ratio is the peer's time by "
            + "repot's, the median over rounds run in turn; work compares processor time."
    }

    /// What was copied, and how calm it was, case by case.
    var remarks: [String] {
        results.map { result in
            let rounds = "\(result.repot.seconds.count) rounds"
            let disturbed = result.disturbedRounds == 0 ? "" : ", \(result.disturbedRounds) disturbed by others"
            return "\(result.name): \(result.workload), \(rounds)\(disturbed)"
        }
    }

    var rows: [[String]] { judgements.map(Self.row) }

    private static func row(_ judgement: Judgement) -> [String] {
        let (result, peer, ratio) = (judgement.result, judgement.peer, judgement.ratio)
        return [
            result.name, result.fileSystem, time(result.repot), peer.contender.name, time(peer),
            fixed(ratio.median), "\(fixed(ratio.lowest))–\(fixed(ratio.highest))",
            judgement.limit.map { fixed($0) } ?? "-", judgement.word,
            result.work(of: peer).map { fixed($0) } ?? "-", resultWord(peer),
        ]
    }

    /// `equal`, or what is wrong with it first of all.
    private static func resultWord(_ performance: Performance) -> String {
        guard performance.contender.copies else { return "-" }
        guard let first = performance.findings.first else { return "equal" }
        return "\(performance.findings.count) findings: \(first)"
    }

    private static func time(_ performance: Performance) -> String {
        Spread(performance.seconds).map { readable(seconds: $0.median) } ?? "-"
    }
}

extension Report {
    /// For a terminal: columns padded with spaces.
    var table: String {
        let lines = [Self.header] + rows
        let widths = Self.header.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { line in
            zip(line, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    /// For a page.
    var markdown: String {
        let rule = Self.header.map { _ in "---" }
        let lines = ([Self.header, rule] + rows).map { "| " + $0.joined(separator: " | ") + " |" }
        return ([introduction, ""] + lines + [""] + remarks.map { "- \($0)" }).joined(separator: "\n") + "\n"
    }
}
