import Measuring

extension SweepReport {
    /// For programs: every single time.
    var json: JSONValue {
        .object([
            ("files", .array(byFiles.map(json))), ("workers", .array(byWorkers.map(json))),
            ("figures", .array(figures.map(json))), ("passed", .bool(isPassed)),
            ("leftOut", .array(leftOut.map { .object([("name", .string($0.name)), ("reason", .string($0.reason))]) })),
        ])
    }

    private func json(_ outcome: SweepByFiles.Outcome) -> JSONValue {
        let curves = outcome.curves.map { curve in
            // Fewer than two places have no slope.
            let slope = curve.trend.map { [(name: "slope", value: JSONValue.number($0.slope))] } ?? []
            let places = curve.places.map { json($0.performance, "files", $0.files) }
            return JSONValue.object([("name", .string(curve.name)), ("places", .array(places))] + slope)
        }
        return .object([("name", .string(outcome.sweep.name)), ("contenders", .array(curves))])
    }

    private func json(_ outcome: SweepByWorkers.Outcome) -> JSONValue {
        let places = zip(SweepByWorkers.counts, outcome.result.performances).map { json($1, "workers", $0) }
        return .object([
            ("name", .string(outcome.sweep.name)), ("workload", .string(outcome.result.workload)),
            ("places", .array(places)),
        ])
    }

    private func json(_ performance: Performance, _ varied: String, _ value: Int) -> JSONValue {
        .object([(varied, .number(Double(value)))] + performance.members)
    }

    private func json(_ figure: SweepFigure) -> JSONValue {
        .object([
            ("name", .string(figure.name)), ("value", .string(figure.value ?? "-")), ("asked", .string(figure.asked)),
            ("met", .bool(figure.isMet)),
        ])
    }
}
