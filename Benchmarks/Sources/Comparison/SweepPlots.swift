import Measuring
import Plotting

extension SweepReport {
    /// The plots by the names of their files; none where nothing was measured.
    var plots: [(file: String, svg: String)] {
        let byFiles = byFiles.map { (file: "\($0.sweep.name).svg", svg: plot($0).svg) }
        return (byFiles + [(file: "workers.svg", svg: workersPlot.svg)]).compactMap { plot in
            plot.svg.map { (file: plot.file, svg: $0) }
        }
    }

    private func plot(_ outcome: SweepByFiles.Outcome) -> LinePlot {
        let hues = zip(outcome.curves, [Hue.blue, .orange, .green, .purple, .pink])
        let curves = hues.map { curve, hue in
            let isFloor = curve.name == outcome.floor?.name
            return LinePlot.Curve(
                curve.name, note: Self.note(curve), isFloor ? .gray : hue, isDashed: isFloor, Self.samples(curve))
        }
        return LinePlot(
            title: "Time by number of files: \(outcome.title)",
            subtitle: "Medians and range of all rounds. \(machine.short)",
            x: .init("files", .logarithmic) { grouped(Int($0)) },
            y: .init("time", .logarithmic) { Self.time($0) }, curves)
    }

    private static func samples(_ curve: SweepByFiles.Curve) -> [LinePlot.Sample] {
        curve.places.compactMap { place in
            place.performance.time.map { LinePlot.Sample(x: Double(place.files), y: $0) }
        }
    }

    /// `slope 1.01, 12.3 µs a file`, the latter where there are most of them.
    private static func note(_ curve: SweepByFiles.Curve) -> String {
        guard let trend = curve.trend, let last = samples(curve).last else { return "" }
        return "slope \(fixed(trend.slope)), \(fixed(last.y.median / last.x * 1e6, digits: 1)) µs a file"
    }

    private static func time(_ seconds: Double) -> String {
        seconds < 0.9995 ? "\(fixed(seconds * 1000, digits: 0)) ms" : "\(fixed(seconds, digits: 0)) s"
    }

    private var workersPlot: LinePlot {
        let curves = zip(byWorkers, Hue.allCases.filter { $0 != .gray }).map { outcome, hue in
            let samples = outcome.places.map { LinePlot.Sample(x: Double($0.workers), y: $0.ratio) }
            let note = outcome.best.map { "least with \($0.workers): \(fixed($0.ratio.median))" } ?? ""
            return LinePlot.Curve(outcome.title, note: note, hue, samples)
        }
        let workload = byWorkers.first.map { "\($0.result.workload). " } ?? ""
        return LinePlot(
            title: "Time by number of workers",
            subtitle: "Relative to one, medians and range of all rounds. \(workload)\(machine.short)",
            x: .init("workers", .linear, ticks: SweepByWorkers.counts.map(Double.init)) { fixed($0, digits: 0) },
            y: .init("time with one worker = 1", .linear) { fixed($0, digits: 1) }, curves,
            landmarks: [.init(x: Double(machine.cores), name: "\(machine.cores) cores")])
    }
}

extension Machine {
    /// What a plot has room for.
    var short: String { "\(cores) cores, Linux \(kernel.prefix { $0 != "-" })" }
}
