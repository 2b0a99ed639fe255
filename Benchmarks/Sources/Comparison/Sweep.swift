import Glibc
import Measuring
import TestSupport

/// All sweeps, for a full or a quick run.
struct SweepCatalogue {
    let repot: ByteString
    let floor: ByteString
    let isQuick: Bool

    /// Copies in memory, for those of a million files fill the page cache over ext4, and then the disk sets the pace.
    var byFiles: [SweepByFiles] {
        let counts = SweepByFiles.allCounts.filter { !isQuick || $0 <= SweepByFiles.largestCompared }
        return [
            SweepByFiles(
                name: "files-copy", strategy: "copy", fileSystem: .tmpfs,
                contenders: [.repot(repot, "-R"), .archive, .floor(floor, "copy")], counts: counts),
            SweepByFiles(
                name: "files-link", strategy: "link", fileSystem: .ext4,
                contenders: [.repot(repot, "-R", "-l", sharing: .inodes), .links, .floor(floor, "link")], counts: counts
            ),
        ]
    }

    var byWorkers: [SweepByWorkers] {
        [
            sweep("copy", .ext4, []), sweep("link", .ext4, ["-l"], sharing: .inodes),
            sweep("reflink", .xfs, ["--reflink=always"], sharing: .extents), sweep("copy", .tmpfs, []),
        ]
    }

    private func sweep(
        _ strategy: String, _ fileSystem: FileSystemKind, _ options: [ByteString],
        sharing: Contender.Sharing = .nothing
    ) -> SweepByWorkers {
        SweepByWorkers(
            name: "workers-\(fileSystem.rawValue)-\(strategy)", strategy: strategy, fileSystem: fileSystem,
            repot: repot, options: options, sharing: sharing)
    }
}

/// Runs the sweeps that the command line asks for.
func runSweeps(_ settings: Settings, in workshop: Workshop) throws -> SweepReport {
    var random = SplitMix64(seed: settings.seed)
    let catalogue = SweepCatalogue(
        repot: ByteString(settings.repot), floor: ByteString(settings.floor), isQuick: settings.isQuick)
    let byFiles = try catalogue.byFiles.filter { settings.includes($0.name) }.map { sweep in
        try sweep.run(in: workshop, &random)
    }
    var report = SweepReport(machine: Machine(), byFiles: byFiles)
    for sweep in catalogue.byWorkers where settings.includes(sweep.name) {
        if let obstacle = workshop.obstacle(to: sweep.job) {
            report.leftOut.append((sweep.name, obstacle))
        } else {
            report.byWorkers.append(try sweep.run(in: workshop, &random))
        }
    }
    return report
}

/// Writes plots into a folder, which is made if need be.
func publish(plots: [(file: String, svg: String)], to folder: String) throws {
    try Command.succeed(["mkdir", "-p", ByteString(folder)])
    for plot in plots { try TextFile.write(plot.svg, to: "\(folder)/\(plot.file)") }
}
