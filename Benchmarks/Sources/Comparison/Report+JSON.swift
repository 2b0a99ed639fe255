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
            ("contenders", .array(result.performances.map(json))),
        ])
    }

    private func json(_ performance: Performance) -> JSONValue {
        .object([
            ("name", .string(performance.contender.name)), ("role", .string(performance.contender.role.rawValue)),
            ("seconds", .array(performance.seconds.map(JSONValue.number))),
            ("processorSeconds", .array(performance.processorSeconds.map(JSONValue.number))),
            ("peakBytes", .array(performance.peakBytes.map { .number(Double($0)) })),
            ("result", .string(performance.word)), ("losses", .array(performance.losses.map(json))),
        ])
    }

    private func json(_ loss: Loss) -> JSONValue {
        .object([
            ("what", .string(loss.what)), ("count", .number(Double(loss.count))), ("example", .string(loss.example)),
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
