import Inputs
import Measuring
import TestSupport

/// The same job on more and more files.
struct SweepByFiles {
    /// As in `--only`: `files-copy`.
    let name: String
    /// For people: `copy`.
    let strategy: String
    let fileSystem: FileSystemKind
    /// repot first.
    let contenders: [Contender]
    let counts: [Int]

    /// Evenly spread over three decades.
    static let allCounts = [1000, 3162, 10_000, 31_623, 100_000, 316_228, 1_000_000]
    /// Reading larger trees to compare them takes longer than all that is measured.
    static let largestCompared = 31_623

    /// What one contender took, count by count.
    struct Curve {
        let name: String
        var places: [(files: Int, performance: Performance)] = []

        subscript(files: Int) -> Performance? { places.first { $0.files == files }?.performance }

        /// The time by the number of files.
        var trend: Trend? {
            let medians = places.compactMap { place in
                place.performance.time.map { (x: Double(place.files), y: $0.median) }
            }
            return Trend(medians)
        }
    }

    /// What came out.
    struct Outcome {
        let sweep: SweepByFiles
        /// What it took place on, for people.
        let fileSystem: String
        fileprivate(set) var curves: [Curve]
        /// What was not measured, or under what circumstances.
        fileprivate(set) var remarks: [String] = []

        /// For people: `ext4, copy`.
        var title: String { "\(fileSystem), \(sweep.strategy)" }
        var repot: Curve { curves[0] }
        var floor: Curve? { curves.first { $0.name == "floor" } }
    }

    func run(in workshop: Workshop, _ random: inout SplitMix64) throws -> Outcome {
        var outcome = Outcome(
            sweep: self, fileSystem: workshop.name(of: Ground(fileSystem)),
            curves: contenders.map { Curve(name: $0.name) })
        for files in counts {
            guard let plan = plan(files) else {
                outcome.remarks.append("\(name): there is no memory for \(grouped(files)) files.")
                continue
            }
            for group in plan.groups {
                let result = try run(files, group, plan, in: workshop, &random)
                outcome.add(result, files: files)
            }
        }
        return outcome
    }

    private func plan(_ files: Int) -> SweepPlan? {
        SweepPlan(
            files: files, footprint: Workload.files(files).footprint, on: fileSystem, contenders,
            rounds: SweepPlan.rounds(files: files),
            memory: Machine.availableMemory / 20 * 17)
    }

    private func run(
        _ files: Int, _ group: [Contender], _ plan: SweepPlan, in workshop: Workshop, _ random: inout SplitMix64
    ) throws -> CaseResult {
        let job = Case(
            name, on: Ground(fileSystem), .files(files), group, rounds: plan.rounds,
            roundsPerArena: plan.roundsPerArena,
            isChecked: files <= Self.largestCompared)
        print("\(name): \(grouped(files)) files, \(group.map(\.name).joined(separator: ", ")) …")
        var series = try Series(job, in: workshop)
        return try series.run(&random)
    }
}

extension SweepByFiles.Outcome {
    fileprivate mutating func add(_ result: CaseResult, files: Int) {
        for performance in result.performances {
            guard let index = curves.firstIndex(where: { $0.name == performance.contender.name }) else { continue }
            curves[index].places.append((files: files, performance: performance))
        }
        if result.disturbedRounds > 0 {
            let rounds = "\(result.disturbedRounds) of \(result.repot.seconds.count) rounds"
            remarks.append("\(sweep.name), \(grouped(files)) files: others disturbed \(rounds).")
        }
    }
}
