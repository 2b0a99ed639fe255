import Measuring

/// All results of a run, to be shown to people and to programs.
struct Report {
    let machine: Machine
    let isQuick: Bool
    let seed: UInt64
    var results: [CaseResult]
    /// Cases that could not be run here, and why.
    var leftOut: [(name: String, reason: String)]
    let thresholds: Thresholds

    var judgements: [Judgement] { results.flatMap(judgements) }

    func judgements(of result: CaseResult) -> [Judgement] {
        result.peers.map { Judgement(result, $0, thresholds, isQuick: isQuick) }
    }

    var isPassed: Bool { judgements.allSatisfy(\.isPassed) && results.allSatisfy(\.mistakes.isEmpty) }

    /// Why the run is not passed, one paragraph each.
    var complaints: [String] {
        results.flatMap(\.mistakes) + judgements.filter { !$0.isPassed }.map(\.complaint)
    }

    /// On how the figures came about.
    var introduction: String {
        """
        \(machine.description); \(isQuick ? "quick" : "full") run, seed \(seed).
        ratio: the time by repot's, the median over rounds run in turn. floor: the time of the least program \
        that does the job by this one's, 1 being at the floor. work: processor time by repot's.
        """
    }

    /// What was copied, and how calm it was.
    func remark(on result: CaseResult) -> String {
        let rounds = "\(result.repot.seconds.count) rounds"
        let disturbed = result.disturbedRounds == 0 ? "" : ", \(result.disturbedRounds) disturbed by others"
        return "\(result.fileSystem): \(result.workload), \(rounds)\(disturbed)"
    }

    /// What is not in the tables.
    var omissions: [String] { leftOut.map { "\($0.name): left out, \($0.reason)" } }
}
