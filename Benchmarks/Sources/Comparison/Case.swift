import Inputs
import TestSupport

/// One job on one ground, for repot and those it is compared with.
struct Case {
    /// In which order contenders run, and where to.
    enum Turns {
        /// In another order each round, each to a destination of its own.
        case shuffled
        /// repot last, to the destination that the others have filled.
        case repotOnTop
    }

    /// As in thresholds.txt.
    let name: String
    let ground: Ground
    /// What to copy; it may take a while to make, and is asked for when the case is run.
    let workload: () throws -> Workload
    /// repot first.
    let contenders: [Contender]
    let rounds: Int
    /// How many rounds share a file system before it is made anew.
    let roundsPerArena: Int
    let turns: Turns
    /// Whether results are compared with their source.
    let isChecked: Bool

    init(
        _ name: String, on ground: Ground, _ workload: @autoclosure @escaping () throws -> Workload,
        _ contenders: [Contender], rounds: Int, roundsPerArena: Int = 1, turns: Turns = .shuffled,
        isChecked: Bool = true
    ) {
        self.name = name
        self.ground = ground
        self.workload = workload
        self.contenders = contenders
        self.rounds = rounds
        self.roundsPerArena = roundsPerArena
        self.turns = turns
        self.isChecked = isChecked
    }

    /// One line: what takes place where, and who takes part.
    var summary: String {
        let names = contenders.map(\.name).joined(separator: ", ")
        return "\(name), on \(ground.description), \(rounds) rounds: \(names)"
    }

    /// Whether it makes no sense where files cannot share extents.
    var needsReflink: Bool { contenders[0].sharing == .extents }

    /// How many bytes its file systems have to hold. What is shared takes next to nothing.
    func room(for workload: Workload) -> Int {
        let copies = contenders.count { $0.sharing == .nothing || $0.prepare != nil } * roundsPerArena
        return workload.footprint * (1 + copies) * 11 / 10 + 256 << 20
    }

    /// The same with those peers only that `isWanted`; nil when there are none.
    func restricted(to isWanted: (Contender) -> Bool) -> Case? {
        let peers = contenders.dropFirst().filter(isWanted)
        if peers.isEmpty { return nil }
        return Case(
            name, on: ground, try workload(), [contenders[0]] + peers, rounds: rounds,
            roundsPerArena: roundsPerArena, turns: turns, isChecked: isChecked)
    }
}

extension Workload {
    /// How many bytes of memory one copy may want, in caches above all.
    var memory: Int { footprint * 5 / 4 + (footprint == 0 ? 16 << 20 : 128 << 20) }
}
