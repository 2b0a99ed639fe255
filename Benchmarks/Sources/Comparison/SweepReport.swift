import Measuring

/// What all sweeps of a run found, to be shown to people and to programs.
struct SweepReport {
    let machine: Machine
    let byFiles: [SweepByFiles.Outcome]
    var byWorkers: [SweepByWorkers.Outcome] = []
    /// Sweeps that could not be run here, and why.
    var leftOut: [(name: String, reason: String)] = []

    var figures: [SweepFigure] {
        byFiles.compactMap(Linearity.figure) + byFiles.compactMap(PeakMemory.figure)
    }

    /// Whether all that is asked is met and every result of repot's was right.
    var isPassed: Bool { figures.allSatisfy(\.isMet) && mistakes.isEmpty }

    /// What was wrong with repot's results.
    var mistakes: [String] {
        let ofFiles = byFiles.flatMap { outcome in
            outcome.repot.places.flatMap { place in
                place.performance.mistakes("\(outcome.sweep.name), \(grouped(place.files)) files")
            }
        }
        let ofWorkers = byWorkers.flatMap { outcome in
            outcome.result.performances.flatMap { performance in
                performance.mistakes("\(outcome.sweep.name), \(performance.contender.name) workers")
            }
        }
        return ofFiles + ofWorkers
    }

    /// For a terminal.
    var text: String {
        let parts = sections.flatMap { ["\($0.title)\n", $0.table.text, ""] }
        return (parts + remarks).joined(separator: "\n")
    }

    /// For a page.
    var markdown: String {
        let parts = sections.flatMap { ["### \($0.title)\n", $0.table.markdown, ""] }
        return (["## Sweeps\n", machine.description + ".\n"] + parts + remarks.map { "- \($0)" })
            .joined(separator: "\n") + "\n"
    }

    private var remarks: [String] {
        let compared = "Copies of up to \(grouped(SweepByFiles.largestCompared)) files are compared with their source."
        let omissions = leftOut.map { "\($0.name): left out, \($0.reason)" }
        return [compared] + omissions + byFiles.flatMap(\.remarks) + mistakes.prefix(20)
    }
}

extension SweepReport {
    private var sections: [(title: String, table: Table)] {
        let files = byFiles.map { (title: "Time by number of files: \($0.title)", table: Self.table($0)) }
        let workers = byWorkers.isEmpty ? [] : [(title: "Time by number of workers", table: workersTable)]
        let asked = figures.isEmpty ? [] : [(title: "What is asked", table: figuresTable)]
        return files + workers + asked
    }

    private static func table(_ outcome: SweepByFiles.Outcome) -> Table {
        let curves = outcome.curves
        let rows = outcome.sweep.counts.map { files in
            [grouped(files)] + curves.map { cell($0[files], files) } + [outcome.repot[files].map(peak) ?? "-"]
        }
        let slopes = curves.map { $0.trend.map { fixed($0.slope) } ?? "-" }
        return Table(["files"] + curves.map(\.name) + ["repot's peak"], rows + [["slope"] + slopes + [""]])
    }

    /// `1.234 s, 12.3 µs a file`, or why there is no time.
    private static func cell(_ performance: Performance?, _ files: Int) -> String {
        guard let performance else { return "-" }
        guard let spread = performance.time else { return performance.shortWord }
        return "\(readable(seconds: spread.median)), \(fixed(spread.median / Double(files) * 1e6, digits: 1)) µs a file"
    }

    private static func peak(_ performance: Performance) -> String {
        performance.peak.map(mebibytes) ?? "-"
    }

    private var workersTable: Table {
        let header = ["workers"] + byWorkers.map(\.title)
        let rows = SweepByWorkers.counts.map { workers in
            ["\(workers)"] + byWorkers.map { Self.cell($0, workers) }
        }
        return Table(header, rows)
    }

    /// `0.54 (0.53–0.56)`, or why there is none.
    private static func cell(_ outcome: SweepByWorkers.Outcome, _ workers: Int) -> String {
        if let ratio = outcome.places.first(where: { $0.workers == workers })?.ratio {
            return "\(fixed(ratio.median)) (\(fixed(ratio.lowest))–\(fixed(ratio.highest)))"
        }
        return outcome.result.performances.first { $0.contender.name == "\(workers)" }?.shortWord ?? "-"
    }

    private var figuresTable: Table {
        let rows = figures.map { [$0.name, $0.value ?? "-", $0.asked, $0.word] }
        return Table(["figure", "measured", "asked", ""], rows)
    }
}
