import Measuring

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
