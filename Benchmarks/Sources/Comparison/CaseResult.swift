import Measuring
import TestSupport

/// How one contender did.
struct Performance {
    let contender: Contender
    /// A time for each round.
    var seconds: [Double] = []
    /// The same in processor time.
    var processorSeconds: [Double] = []
    /// The most memory it had at once, in bytes.
    var peakBytes: [Int] = []
    /// What was wrong with its results; none when all of them were right.
    var findings: [String] = []

    /// Adds a run that counts.
    mutating func add(_ run: TimedRun) {
        seconds.append(run.seconds)
        processorSeconds.append(run.processorSeconds)
        peakBytes.append(run.peakBytes)
    }
}

/// What came out of a case.
struct CaseResult {
    let name: String
    let fileSystem: String
    let workload: String
    /// How many rounds count although others used the machine meanwhile.
    let disturbedRounds: Int
    /// repot first.
    let performances: [Performance]

    var repot: Performance { performances[0] }
    /// Whether most of what counts was disturbed.
    var isNoisy: Bool { disturbedRounds * 2 > repot.seconds.count }
    var peers: ArraySlice<Performance> { performances.dropFirst() }

    /// How many times as fast as the peer repot was, round by round.
    func ratios(to peer: Performance) -> [Double] {
        zip(peer.seconds, repot.seconds).map { $0 / $1 }
    }

    /// How many times the processor time of repot the peer took: true on a busy machine as well, but blind to
    /// what repot gains by using several processors, and to waiting.
    func work(of peer: Performance) -> Double? {
        guard let own = Spread(repot.processorSeconds), let other = Spread(peer.processorSeconds) else { return nil }
        return own.median > 0 ? other.median / own.median : nil
    }
}
