import Measuring

/// Whether a count is within its limit.
struct Verdict {
    /// What can be said of it.
    enum Finding: String {
        case met
        case missed = "MISSED"
        /// It has no line in counts.txt yet.
        case unlimited = "NO LIMIT"
        /// It is so far below its limit that this would let it grow unseen.
        case improved
    }

    let count: Count
    let line: Limits.Line?

    init(_ count: Count, _ limits: Limits) {
        self.count = count
        line = limits[count.name]
    }

    var finding: Finding {
        guard let line else { return .unlimited }
        // Half a unit in the last place, for the file has two of them.
        if count.value > line.limit + 0.005 { return .missed }
        let slack = count.margin.limit(count.value) - count.value
        return count.margin.limit(count.value) + slack < line.limit - 0.005 ? .improved : .met
    }

    var isPassed: Bool { finding == .met || finding == .improved }

    /// What to do about it, in full sentences; nil when there is nothing to do.
    var advice: String? {
        let measured = fixed(count.value)
        let detail = count.detail.isEmpty ? "" : "\n  It is made up of: \(count.detail)."
        switch (finding, line) {
        case (.missed, let line?):
            return """
                \(count.name): old \(fixed(line.measured)) (limit \(fixed(line.limit))), new \(measured).\(detail)
                  To accept it, put this line into Benchmarks/counts.txt, and say why in the commit:
                \(Limits.line(count))
                """
        case (.improved, let line?):
            return """
                \(count.name): old \(fixed(line.measured)), new \(measured). To keep what is gained, put this line \
                into Benchmarks/counts.txt:
                \(Limits.line(count))
                """
        case (.unlimited, _):
            return "\(count.name): \(measured), but no limit. Put this line into Benchmarks/counts.txt:\n"
                + Limits.line(count)
        default: return nil
        }
    }
}
