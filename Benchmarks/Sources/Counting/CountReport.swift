package import Measuring

/// All counts of a run, to be shown to people and to programs.
package struct CountReport {
    private static let header = ["count", "measured", "limit", "", "made up of"]

    private let verdicts: [Verdict]

    init(_ counts: [Count], _ limits: Limits) {
        verdicts = counts.map { Verdict($0, limits) }
    }

    package var isPassed: Bool { verdicts.allSatisfy(\.isPassed) }

    /// For a terminal.
    package var table: String { Table(Self.header, rows).text }

    /// For a page.
    package var markdown: String { Table(Self.header, rows).markdown + "\n" }

    /// What to do about misses and gains, one piece of text a count.
    package var advice: [String] { verdicts.compactMap(\.advice) }

    /// For programs.
    package var json: JSONValue { .array(verdicts.map(Self.json)) }

    private var rows: [[String]] {
        verdicts.map { verdict in
            [
                verdict.count.name, fixed(verdict.count.value), verdict.line.map { fixed($0.limit) } ?? "-",
                verdict.finding.rawValue, verdict.count.detail,
            ]
        }
    }

    private static func json(_ verdict: Verdict) -> JSONValue {
        let limit = verdict.line.map { [(name: "limit", value: JSONValue.number($0.limit))] } ?? []
        return .object(
            [("name", .string(verdict.count.name)), ("value", .number(verdict.count.value))] + limit
                + [("verdict", .string(verdict.finding.rawValue)), ("detail", .string(verdict.count.detail))])
    }
}
