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
    if let obstacle = workshop.obstacle { print("\(obstacle): what cases can run in the current directory do so") }

    let cases = Catalogue(settings, Supplies(isQuick: settings.isQuick, in: workshop)).cases(thresholds)
    var report = Report(
        machine: Machine(), isQuick: settings.isQuick, seed: settings.seed, results: [], leftOut: [],
        thresholds: thresholds)
    if settings.isList {
        for job in cases { print(job.summary) }
    } else {
        try run(cases, settings, in: workshop, &report)
        try publish(report, settings, plots: settings.plots(isMounted: workshop.obstacle == nil))
    }
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
    if let folder = settings.plots(isMounted: workshop.obstacle == nil) { try publish(plots: report.plots, to: folder) }
    return report
}

private func run(_ cases: [Case], _ settings: Settings, in workshop: Workshop, _ report: inout Report) throws {
    var random = SplitMix64(seed: settings.seed)
    for job in cases {
        if let obstacle = workshop.obstacle(to: job) {
            report.leftOut.append((job.name, obstacle))
            continue
        }
        print("\(job.summary) …")
        var series = try Series(job, in: workshop)
        let result = try series.run(&random)
        announce(result)
        report.results.append(result)
    }
}

/// At once, so that a run that is broken off has said something.
private func announce(_ result: CaseResult) {
    let ratios = result.peers.compactMap { peer in
        Spread(result.ratios(to: peer)).map { "\(fixed($0.median)) \(peer.contender.name)" }
    }
    print("  " + ratios.joined(separator: ", "))
}

private func publish(_ report: Report, _ settings: Settings, plots: String?) throws {
    print("", report.introduction, "", report.table, separator: "\n")
    if let path = settings.json { try TextFile.write(report.json, to: path) }
    if let path = settings.markdown { try TextFile.write(report.markdown, to: path) }
    if let plots, let plot = ratioPlot(report.results, on: report.machine) {
        try publish(plots: [(file: "ratios.svg", svg: plot)], to: plots)
    }
    for complaint in report.complaints { print("", complaint, separator: "\n") }
}
