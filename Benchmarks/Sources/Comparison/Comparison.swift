@preconcurrency import Glibc
import Inputs
import Measuring
import TestSupport

/// Runs the comparison that the command line asks for, and exits: 0 all is well, 1 repot is too slow or wrong,
/// 2 it could not be found out.
public func runComparison() -> Never {
    // Lines appear as they are written, on a terminal and in a log.
    setvbuf(stdout, nil, _IOLBF, 0)
    umask(0o022)
    do {
        let settings = try Settings(Array(CommandLine.arguments.dropFirst()))
        exit(try (settings.isSweep ? sweep(settings).isPassed : compare(settings).isPassed) ? 0 : 1)
    } catch {
        fputs("compare: \(error)\n", stderr)
        exit(2)
    }
}

private func compare(_ settings: Settings) throws -> Report {
    guard let text = TextFile.read(settings.thresholds) else {
        throw TestError("read", code: errno, path: ByteString(settings.thresholds))
    }
    let thresholds = try Thresholds(text)
    try Command.succeed([ByteString(settings.repot), "--version"])
    let workshop = try Workshop()
    defer { workshop.close() }
    if let obstacle = workshop.obstacle { print("\(obstacle): all cases run in the current directory instead") }

    let results = try measure(settings, in: workshop)
    let report = Report(
        machine: Machine(), isQuick: settings.isQuick, seed: settings.seed, results: results, thresholds: thresholds)
    try publish(report, settings)
    return report
}

private func sweep(_ settings: Settings) throws -> SweepReport {
    try Command.succeed([ByteString(settings.repot), "--version"])
    let workshop = try Workshop()
    defer { workshop.close() }
    if let obstacle = workshop.obstacle { print("\(obstacle): all sweeps run in the current directory instead") }

    let report = try runSweeps(settings, in: workshop)
    print("", report.text, separator: "\n")
    if let path = settings.json { try TextFile.write(report.json.text + "\n", to: path) }
    if let path = settings.markdown { try TextFile.write(report.markdown, to: path) }
    if let folder = settings.plots { try publish(plots: report.plots, to: folder) }
    return report
}

private func measure(_ settings: Settings, in workshop: Workshop) throws -> [CaseResult] {
    let catalogue = Catalogue(
        repot: ByteString(settings.repot), isQuick: settings.isQuick, rounds: settings.rounds)
    let cases = try catalogue.cases(catalogue.harvest(in: workshop)).filter { job in
        try settings.includes(job.name) && workshop.suits(job)
    }
    var random = SplitMix64(seed: settings.seed)
    return try cases.map { job in
        print("\(job.name): \(job.workload.description), \(job.rounds) rounds …")
        var series = Series(job, in: workshop)
        let result = try series.run(&random)
        announce(result)
        return result
    }
}

/// At once, so that a run that is broken off has said something.
private func announce(_ result: CaseResult) {
    for peer in result.peers {
        guard let ratio = Spread(result.ratios(to: peer)) else { continue }
        print("  \(fixed(ratio.median)) times as fast as \(peer.contender.name)")
    }
}

private func publish(_ report: Report, _ settings: Settings) throws {
    print("", report.introduction, "", report.table, "", report.remarks.joined(separator: "\n"), separator: "\n")
    if let path = settings.json { try TextFile.write(report.json, to: path) }
    if let path = settings.markdown { try TextFile.write(report.markdown, to: path) }
    if let folder = settings.plots, let plot = ratioPlot(report.results, on: report.machine) {
        try publish(plots: [(file: "ratios.svg", svg: plot)], to: folder)
    }
    for judgement in report.judgements where !judgement.isPassed { print("", judgement.complaint, separator: "\n") }
}
