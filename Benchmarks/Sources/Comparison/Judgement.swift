import Measuring

/// Whether repot is fast enough against one peer.
struct Judgement {
    let result: CaseResult
    let peer: Performance
    /// Nil where one of the two did not do it.
    let ratio: Spread?
    /// What the ratio must reach; nil where nothing is asked.
    let limit: Double?
    private let line: Thresholds.Line?
    private let isQuick: Bool

    init(_ result: CaseResult, _ peer: Performance, _ thresholds: Thresholds, isQuick: Bool) {
        self.result = result
        self.peer = peer
        self.isQuick = isQuick
        ratio = Spread(result.ratios(to: peer))
        line = thresholds[result.name, peer.contender.name]
        limit = line.flatMap { isQuick ? $0.gate : $0.asked }
    }

    /// Slowness is excused where others kept the machine busy, for it proves nothing. A peer that cannot be had
    /// proves nothing either, but one that fails where something is asked hides a result.
    var isPassed: Bool {
        guard let limit else { return true }
        guard let ratio else { return isLeftOut }
        return ratio.median >= limit || result.isNoisy
    }

    private var isLeftOut: Bool {
        if case .leftOut = peer.standing { true } else { false }
    }

    /// `met`, `MISSED`, `noisy`, `UNKNOWN`, or nothing where nothing is asked.
    var word: String {
        guard let limit else { return "" }
        guard let ratio else { return isLeftOut ? "" : "UNKNOWN" }
        if ratio.median >= limit { return "met" }
        return result.isNoisy ? "noisy" : "MISSED"
    }

    /// Why it is not passed and what can be done, in full sentences.
    var complaint: String {
        let names = "\(result.name), \(result.repot.contender.name) against \(peer.contender.name)"
        guard let limit, let line else { return names }
        guard let ratio else { return "\(names): nothing to compare with, the peer \(peer.word)" }
        return """
            \(names): old \(fixed(limit)), new \(fixed(ratio.median)) \
            (\(fixed(ratio.lowest)) to \(fixed(ratio.highest))).
              To accept it, put this line into Benchmarks/thresholds.txt, and say why in the commit:
            \(Thresholds.line(ratio.median, line, result.name, peer.contender.name, isQuick: isQuick))
            """
    }
}
