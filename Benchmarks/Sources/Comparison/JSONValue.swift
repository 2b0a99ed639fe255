/// A value to be written as JSON, the members of an object in the order given.
indirect enum JSONValue {
    case string(String)
    case number(Double)
    case bool(Bool)
    case array([JSONValue])
    case object([(name: String, value: JSONValue)])

    /// One line.
    var text: String {
        switch self {
        case .string(let string): Self.quoted(string)
        case .number(let number): number == number.rounded() ? fixed(number, digits: 0) : fixed(number, digits: 6)
        case .bool(let bool): bool ? "true" : "false"
        case .array(let values): "[" + values.map(\.text).joined(separator: ", ") + "]"
        case .object(let members):
            "{" + members.map { "\(Self.quoted($0.name)): \($0.value.text)" }.joined(separator: ", ") + "}"
        }
    }

    private static func quoted(_ string: String) -> String {
        let characters = string.unicodeScalars.map { scalar in
            switch scalar {
            case "\"", "\\": "\\\(scalar)"
            case _ where scalar.value < 0x20: "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: String(scalar)
            }
        }
        return "\"" + characters.joined() + "\""
    }
}

extension Report {
    /// For programs: every single time, and how each peer was judged.
    var json: String {
        JSONValue.object([
            ("machine", .string(machine.description)), ("kernel", .string(machine.kernel)),
            ("cores", .number(Double(machine.cores))), ("quick", .bool(isQuick)), ("seed", .string("\(seed)")),
            ("passed", .bool(isPassed)), ("cases", .array(results.map(json))),
            ("ratios", .array(judgements.map(json))),
        ]).text + "\n"
    }

    private func json(_ result: CaseResult) -> JSONValue {
        .object([
            ("name", .string(result.name)), ("fileSystem", .string(result.fileSystem)),
            ("workload", .string(result.workload)),
            ("disturbedRounds", .number(Double(result.disturbedRounds))),
            ("contenders", .array(result.performances.map(json))),
        ])
    }

    private func json(_ performance: Performance) -> JSONValue {
        .object([
            ("name", .string(performance.contender.name)),
            ("seconds", .array(performance.seconds.map(JSONValue.number))),
            ("processorSeconds", .array(performance.processorSeconds.map(JSONValue.number))),
            ("findings", .array(performance.findings.prefix(20).map(JSONValue.string))),
        ])
    }

    private func json(_ judgement: Judgement) -> JSONValue {
        .object([
            ("case", .string(judgement.result.name)), ("peer", .string(judgement.peer.contender.name)),
            ("median", .number(judgement.ratio.median)), ("lowest", .number(judgement.ratio.lowest)),
            ("highest", .number(judgement.ratio.highest)), ("verdict", .string(judgement.word)),
        ])
    }
}
