import Measuring

extension Report {
    /// For programs: every single time, and how each peer was judged.
    var json: String {
        JSONValue.object([
            ("machine", .string(machine.description)), ("kernel", .string(machine.kernel)),
            ("cores", .number(Double(machine.cores))), ("quick", .bool(isQuick)), ("seed", .string("\(seed)")),
            ("passed", .bool(isPassed)), ("cases", .array(results.map(json))),
            ("ratios", .array(judgements.compactMap(json))),
            ("leftOut", .array(leftOut.map { .object([("name", .string($0.name)), ("reason", .string($0.reason))]) })),
        ]).text + "\n"
    }

    private func json(_ result: CaseResult) -> JSONValue {
        .object([
            ("name", .string(result.name)), ("fileSystem", .string(result.fileSystem)),
            ("workload", .string(result.workload)),
            ("disturbedRounds", .number(Double(result.disturbedRounds))),
            ("contenders", .array(result.performances.map { .object($0.members) })),
        ])
    }

    private func json(_ judgement: Judgement) -> JSONValue? {
        guard let ratio = judgement.ratio else { return nil }
        return .object([
            ("case", .string(judgement.result.name)), ("peer", .string(judgement.peer.contender.name)),
            ("median", .number(ratio.median)), ("lowest", .number(ratio.lowest)), ("highest", .number(ratio.highest)),
            ("verdict", .string(judgement.word)),
        ])
    }
}

extension Performance {
    /// All that was measured, and what was found in the results.
    var members: [(name: String, value: JSONValue)] {
        [
            ("name", .string(contender.name)), ("role", .string(contender.role.rawValue)),
            ("seconds", .array(seconds.map(JSONValue.number))),
            ("processorSeconds", .array(processorSeconds.map(JSONValue.number))),
            ("peakBytes", .array(peakBytes.map { .number(Double($0)) })),
            ("result", .string(word)), ("losses", .array(losses.map(\.json))),
        ]
    }
}

extension Loss {
    fileprivate var json: JSONValue {
        .object([("what", .string(what)), ("count", .number(Double(count))), ("example", .string(example))])
    }
}
