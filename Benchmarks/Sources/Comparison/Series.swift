import Glibc
import Inputs
import Measuring
import TestSupport

/// Runs a case: its contenders in turn, each to a destination of its own unless the case has it otherwise.
struct Series {
    /// A result that is still to be looked at.
    private struct Copy {
        let path: ByteString
        /// Whose it is, as a place in `performances`.
        let maker: Int
    }

    private let workshop: Workshop
    private let job: Case
    private let workload: Workload
    private var performances: [Performance]
    private var copies: [Copy] = []
    private var rounds = 0
    private var disturbedRounds = 0
    /// How many rounds may still be run again because others used the machine.
    private var patience: Int
    /// A round after the first in which everybody's results are looked at.
    private var sample = 0

    init(_ job: Case, in workshop: Workshop) throws {
        self.job = job
        self.workshop = workshop
        workload = try job.workload()
        patience = job.rounds / 2
        let isClosure = workload.closure != nil
        performances = job.contenders.map { contender in
            let obstacle =
                contender.needsClosure && !isClosure
                ? "it copies closures only" : workshop.equipment.obstacle(to: contender.tool)
            return Performance(contender, standing: obstacle.map { .leftOut($0) } ?? .running)
        }
    }

    /// Runs all rounds.
    mutating func run(_ random: inout SplitMix64) throws -> CaseResult {
        sample = random.number(in: min(2, job.rounds)...job.rounds)
        while !isDone {
            var arena = try Arena(job.ground, room: job.room(for: workload), in: workshop)
            // Closed in any case, for the next case needs the place.
            let outcome = Result { try run(in: &arena, &random) }
            try arena.close()
            try outcome.get()
        }
        return CaseResult(
            name: job.name, fileSystem: workshop.name(of: job.ground),
            workload: workload.description, disturbedRounds: disturbedRounds, performances: performances)
    }

    /// Without repot there is nothing to compare with.
    private var isDone: Bool {
        performances[0].standing != .running || performances[0].seconds.count >= job.rounds
    }

    /// Results are looked at only when all is measured, for reading them disturbs the caches.
    private mutating func run(in arena: inout Arena, _ random: inout SplitMix64) throws {
        try workload.make(arena.source)
        let check = job.isChecked ? try ResultCheck(workload, at: arena.source) : nil
        for _ in 0..<job.roundsPerArena where !isDone { try round(in: &arena, &random) }
        for copy in copies {
            guard let losses = try check?.losses(in: copy.path, by: job.contenders[copy.maker]) else { continue }
            Loss.merge(&performances[copy.maker].losses, losses)
        }
        copies = []
    }

    /// One run of each. When others disturb one of them all are run again, while patience lasts.
    private mutating func round(in arena: inout Arena, _ random: inout SplitMix64) throws {
        rounds += 1
        var runs: [(maker: Int, run: TimedRun)] = []
        for index in order(&random) where performances[index].standing == .running {
            if let run = try attempt(index, in: &arena) { runs.append((index, run)) }
        }
        if runs.contains(where: \.run.isDisturbed) {
            patience -= 1
            if patience >= 0 { return }
            disturbedRounds += 1
        }
        for (maker, run) in runs { performances[maker].add(run) }
    }

    private func order(_ random: inout SplitMix64) -> [Int] {
        switch job.turns {
        case .shuffled: random.shuffled(job.contenders.indices)
        case .repotOnTop: job.contenders.indices.dropFirst() + [0]
        }
    }
}

extension Series {
    /// Runs one contender; nil when it failed.
    private mutating func attempt(_ index: Int, in arena: inout Arena) throws -> TimedRun? {
        let contender = job.contenders[index]
        let copy: ByteString = job.turns == .repotOnTop ? "copy-\(rounds)" : "copy-\(rounds)-\(index)"
        let places = try arena.places(for: workload, copy: copy, contender: "\(index)")
        let command: [ByteString]
        do {
            if let prepare = contender.prepare, access(places.own.description, F_OK) != 0 { try prepare(places) }
            command = try contender.command(places)
        } catch {
            performances[index].standing = .failed("\(error)")
            return nil
        }
        let run = try measure(command, in: arena)
        if run.status != 0 {
            performances[index].standing = .failed("exit status \(run.status), \(workshop.complaint())")
            return nil
        }
        if let result = contender.result, isLookedAt(contender) {
            let path = try contender.unpack?(places) ?? places.destination / result
            copies.append(Copy(path: path, maker: index))
        }
        return run
    }

    private func measure(_ command: [ByteString], in arena: Arena) throws -> TimedRun {
        try arena.settle()
        Memory.warm(workload.memory)
        if job.ground.isCold { try Arena.dropCaches() }
        return try TimedRun.of(command, errors: workshop.errors)
    }

    /// repot's every result; those of others twice, for looking takes as long as copying.
    private func isLookedAt(_ contender: Contender) -> Bool {
        contender.role == .repot || rounds == 1 || rounds == sample
    }
}

extension SplitMix64 {
    /// The same numbers in another order.
    fileprivate mutating func shuffled(_ numbers: Range<Int>) -> [Int] {
        var rest = Array(numbers)
        return numbers.map { _ in rest.remove(at: number(in: 0...rest.count - 1)) }
    }
}
