import Glibc
import Inputs
import Measuring
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
    private var rounds = 0
    private var disturbedRounds = 0
    /// How many rounds may still be run again because others used the machine.
    private var patience: Int

    init(_ job: Case, in workshop: Workshop) {
        self.job = job
        self.workshop = workshop
        patience = job.rounds / 2
        performances = job.contenders.map { Performance(contender: $0) }
    }

    /// Runs all rounds.
    mutating func run(_ random: inout SplitMix64) throws -> CaseResult {
        while !isDone {
            let arena = try Arena(job.fileSystem, room: job.room, in: workshop)
            // Closed in any case, for the next case needs the place.
            let outcome = Result { try run(in: arena, &random) }
            try arena.close()
            try outcome.get()
        }
        let fileSystem = workshop.obstacle == nil ? job.fileSystem.rawValue : "here"
        return CaseResult(
            name: job.name, fileSystem: fileSystem, workload: job.workload.description,
            disturbedRounds: disturbedRounds, performances: performances)
    }

    private var isDone: Bool { performances.allSatisfy { $0.seconds.count >= job.rounds } }

    /// Results are looked at only when all is measured, for reading them disturbs the caches.
    private mutating func run(in arena: Arena, _ random: inout SplitMix64) throws {
        let source = arena.path / "source"
        try job.workload.make(source)
        let check = job.isChecked ? try ResultCheck(source: source) : nil
        for _ in 0..<job.roundsPerArena where !isDone { try round(from: source, in: arena, &random) }
        for copy in copies {
            let contender = job.contenders[copy.maker]
            performances[copy.maker].findings += try check?.findings(in: copy.path, by: contender) ?? []
        }
        copies = []
    }

    /// One run of each. When others disturb one of them all are run again, while patience lasts.
    private mutating func round(from source: ByteString, in arena: Arena, _ random: inout SplitMix64) throws {
        rounds += 1
        var runs: [(maker: Int, run: TimedRun)] = []
        for index in random.shuffled(job.contenders.indices) {
            let destination = arena.path / "copy-\(rounds)-\(index)"
            runs.append((index, try measure(index, from: source, to: destination, in: arena)))
        }
        if runs.contains(where: \.run.isDisturbed) {
            patience -= 1
            if patience >= 0 { return }
            disturbedRounds += 1
        }
        for (maker, run) in runs { performances[maker].add(run) }
    }

    private mutating func measure(
        _ index: Int, from source: ByteString, to destination: ByteString, in arena: Arena
    ) throws -> TimedRun {
        let contender = job.contenders[index]
        try arena.settle()
        Memory.warm(job.memory)
        let command = contender.arguments(from: source, to: destination)
        let run = try TimedRun.of(command, errors: workshop.errors)
        if run.status != 0 {
            performances[index].findings.append("exit status \(run.status): \(workshop.complaint())")
        } else if contender.copies {
            copies.append(Copy(path: destination, maker: index))
        }
        return run
    }
}

extension SplitMix64 {
    /// The same numbers in another order.
    fileprivate mutating func shuffled(_ numbers: Range<Int>) -> [Int] {
        var rest = Array(numbers)
        return numbers.map { _ in rest.remove(at: number(in: 0...rest.count - 1)) }
    }
}
