import Measuring
import TestSupport

/// How one contender did.
struct Performance {
    /// Whether it takes part.
    enum Standing: Equatable {
        case running
        /// It cannot be had here, for this reason.
        case leftOut(String)
        /// It complained so, and has no times that count.
        case failed(String)
    }

    let contender: Contender
    var standing = Standing.running
    /// A time for each round.
    var seconds: [Double] = []
    /// The same in processor time.
    var processorSeconds: [Double] = []
    /// The most memory that it, or a part of it, had resident.
    var peakBytes: [Int] = []
    /// In what its results are not what the source is; none when those looked at were right.
    var losses: [Loss] = []

    /// Whether it is repot, and did not do it right.
    var isMistake: Bool {
        if case .leftOut = standing { return false }
        return contender.role == .repot && (standing != .running || !losses.isEmpty)
    }

    init(_ contender: Contender, standing: Standing = .running) {
        (self.contender, self.standing) = (contender, standing)
    }

    /// What repot did wrong, a line each; none by others, who may do what they like.
    func mistakes(_ title: String) -> [String] {
        guard isMistake else { return [] }
        let lines = losses.map { "\(title): lost \($0.what), \($0.count) times: \($0.example)" }
        return lines.isEmpty ? ["\(title): \(word)"] : lines
    }

    /// The time of a run; nil when none counts.
    var time: Spread? { standing == .running ? Spread(seconds) : nil }

    /// The most memory of any run; nil when none counts.
    var peak: Int? { standing == .running ? peakBytes.max() : nil }

    /// Adds a run that counts.
    mutating func add(_ run: TimedRun) {
        seconds.append(run.seconds)
        processorSeconds.append(run.processorSeconds)
        peakBytes.append(run.peakBytes)
    }

    /// `equal`, or what is wrong with it.
    var word: String {
        switch standing {
        case .leftOut(let reason): "left out: \(reason)"
        case .failed(let complaint): "failed: \(complaint)"
        case .running where contender.result == nil: "-"
        case .running where losses.isEmpty: "equal"
        case .running: "lost: " + losses.map(\.what).joined(separator: ", ")
        }
    }

    /// The same for a table: a complaint may have long paths in it.
    var shortWord: String { word.count > 100 ? word.prefix(99) + "…" : word }
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
    var floor: Performance? { performances.first { $0.contender.role == .floor && $0.standing == .running } }

    /// How many times as fast as the peer repot was, round by round; none if one of them did not do it.
    func ratios(to peer: Performance) -> [Double] {
        Self.ratios(peer, repot)
    }

    /// How near the floor it came: 1 is at it; nil where there is none.
    func nearness(of performance: Performance) -> Double? {
        floor.flatMap { Spread(Self.ratios($0, performance))?.median }
    }

    /// How many times the processor time of repot the peer took: true on a busy machine as well, but blind to
    /// what repot gains by using several processors, and to waiting.
    func work(of peer: Performance) -> Double? {
        guard repot.standing == .running, peer.standing == .running, let own = Spread(repot.processorSeconds),
            let other = Spread(peer.processorSeconds)
        else { return nil }
        return own.median > 0 ? other.median / own.median : nil
    }

    /// What makes the whole run fail, whoever is faster: repot, in any of its forms, did not do it right.
    var mistakes: [String] {
        performances.flatMap { $0.mistakes("\(name), \($0.contender.name)") }
    }

    private static func ratios(_ slow: Performance, _ fast: Performance) -> [Double] {
        guard slow.standing == .running, fast.standing == .running else { return [] }
        return zip(slow.seconds, fast.seconds).map { $0 / $1 }
    }
}
