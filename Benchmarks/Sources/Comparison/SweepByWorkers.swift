import Inputs
import Measuring
import TestSupport

/// repot alone, with more and more workers on the same tree.
struct SweepByWorkers {
    /// As in `--only`: `workers-ext4-copy`.
    let name: String
    /// For people: `copy`.
    let strategy: String
    let fileSystem: FileSystemKind
    let repot: ByteString
    let options: [ByteString]
    let sharing: Contender.Sharing

    static let counts = [1, 2, 3, 4, 6, 8]
    static let files = 10_000
    static let rounds = 5

    /// What came out.
    struct Outcome {
        let sweep: SweepByWorkers
        let result: CaseResult

        /// For people: `ext4, copy`.
        var title: String { "\(result.fileSystem), \(sweep.strategy)" }

        /// The time with so many workers by that with one, round by round.
        var places: [(workers: Int, ratio: Spread)] {
            zip(SweepByWorkers.counts, result.performances).compactMap { workers, performance in
                Spread(result.ratios(to: performance)).map { (workers: workers, ratio: $0) }
            }
        }

        /// Where it is fastest.
        var best: (workers: Int, ratio: Spread)? { places.min { $0.ratio.median < $1.ratio.median } }
    }

    func run(in workshop: Workshop, _ random: inout SplitMix64) throws -> Outcome {
        let job = job
        print("\(name): \(grouped(Self.files)) files, \(Self.counts.count) numbers of workers …")
        var series = try Series(job, in: workshop)
        return Outcome(sweep: self, result: try series.run(&random))
    }

    /// Each number of workers is a contender.
    var job: Case {
        let contenders = Self.counts.map { workers in
            let command = [repot, "-R"] + options + ["-j", ByteString("\(workers)")]
            return Contender("\(workers)", Tool(repot.description), role: .repot, sharing: sharing) {
                command + [$0.source, $0.destination]
            }
        }
        return Case(name, on: Ground(fileSystem), .files(Self.files), contenders, rounds: Self.rounds)
    }
}
