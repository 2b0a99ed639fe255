import Measuring

/// One peer's row in the tables: repot against it, and whether that is enough.
struct Judgement {
    let result: CaseResult
    let peer: Performance
    let ratio: Spread
    /// What the ratio must reach; nil where nothing is asked.
    let limit: Double?
    private let line: Thresholds.Line?

    init?(_ result: CaseResult, _ peer: Performance, _ thresholds: Thresholds, isQuick: Bool) {
        guard let ratio = Spread(result.ratios(to: peer)) else { return nil }
        self.result = result
        self.peer = peer
        self.ratio = ratio
        line = thresholds[result.name, peer.contender.name]
        limit = line.map { isQuick ? $0.gate : $0.asked }
    }

    /// A wrong result is never excused; a slow one is where others kept the machine busy, for it proves nothing.
    var isPassed: Bool { result.repot.findings.isEmpty && (isFast || result.isNoisy) }

    private var isFast: Bool { ratio.median >= limit ?? 0 }

    /// `met`, `MISSED`, `noisy`, `WRONG` or `-`.
    var word: String {
        if !result.repot.findings.isEmpty { return "WRONG" }
        if limit == nil { return "-" }
        return isFast ? "met" : result.isNoisy ? "noisy" : "MISSED"
    }

    /// Why it is not passed and what can be done, in full sentences.
    var complaint: String {
        let names = "\(result.name), \(result.repot.contender.name) against \(peer.contender.name)"
        if let finding = result.repot.findings.first {
            return "\(names): repot's result is wrong (\(result.repot.findings.count) findings): \(finding)"
        }
        guard let limit, let line else { return names }
        return """
            \(names): old \(fixed(limit)), new \(fixed(ratio.median)) \
            (\(fixed(ratio.lowest)) to \(fixed(ratio.highest))).
              To accept it, put this line into Benchmarks/thresholds.txt, and say why in the commit:
            \(Thresholds.line(ratio.median, line, result.name, peer.contender.name))
            """
    }
}
