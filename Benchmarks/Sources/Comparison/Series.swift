import Glibc
import TestSupport

/// Runs a case: its contenders in turn, in another order every round, each to a destination of its own.
struct Series {
    /// A result that is still to be looked at.
    private struct Copy {
        let path: ByteString
        /// Whose it is, as a place in `performances`.
        let maker: Int
    }

    private let workshop: Workshop
    private let job: Case
    private var performances: [Performance]
    private var copies: [Copy] = []

    init(_ job: Case, in workshop: Workshop) {
        self.job = job
        self.workshop = workshop
        performances = job.contenders.map { Performance(contender: $0) }
    }

    /// Runs all rounds.
    mutating func run(_ random: inout SplitMix64) throws -> CaseResult {
        for first in stride(from: 0, to: job.rounds, by: job.roundsPerArena) {
            let arena = try Arena(job.fileSystem, room: job.room, in: workshop)
            let rounds = first..<min(first + job.roundsPerArena, job.rounds)
            // Closed in any case, for the next case needs the place.
            let outcome = Result { try run(rounds, in: arena, &random) }
            try arena.close()
            try outcome.get()
        }
        let fileSystem = workshop.obstacle == nil ? job.fileSystem.rawValue : "here"
        return CaseResult(
            name: job.name, fileSystem: fileSystem, workload: job.workload.description, performances: performances)
    }

    /// Results are looked at only when all is measured, for reading them disturbs the caches.
    private mutating func run(_ rounds: Range<Int>, in arena: Arena, _ random: inout SplitMix64) throws {
        let source = arena.path / "source"
        try job.workload.make(source)
        let check = try ResultCheck(source: source)
        for round in rounds {
            for index in random.shuffled(job.contenders.indices) {
                try measure(index, from: source, to: arena.path / "copy-\(round)-\(index)", in: arena)
            }
        }
        for copy in copies {
            let contender = job.contenders[copy.maker]
            performances[copy.maker].findings += try check.findings(in: copy.path, by: contender)
        }
        copies = []
    }

    private mutating func measure(
        _ index: Int, from source: ByteString, to destination: ByteString, in arena: Arena
    ) throws {
        let contender = job.contenders[index]
        try arena.settle()
        let command = contender.arguments(from: source, to: destination)
        let run = try TimedRun.of(command, errors: workshop.errors)
        performances[index].seconds.append(run.seconds)
        performances[index].processorSeconds.append(run.processorSeconds)
        if run.status != 0 {
            performances[index].findings.append("exit status \(run.status): \(workshop.complaint())")
        } else if contender.copies {
            copies.append(Copy(path: destination, maker: index))
        }
    }
}

extension SplitMix64 {
    /// The same numbers in another order.
    fileprivate mutating func shuffled(_ numbers: Range<Int>) -> [Int] {
        var rest = Array(numbers)
        return numbers.map { _ in rest.remove(at: number(in: 0...rest.count - 1)) }
    }
}
