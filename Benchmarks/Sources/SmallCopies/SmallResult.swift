package import Measuring

/// The times of all programs with one workload.
package struct SmallResult: Sendable {
    /// The maximum by which the ratio of repot's time to GNU cp's may exceed 1. On a quiet machine the ratios are at most
    /// 1.02; on a shared one, where page faults take longer, they were higher by 0.15.
    package static let tolerance = 0.3

    package let workload: String
    private let programs: Programs
    private let seconds: [[Double]]

    /// - Parameter seconds: for each program, a time for each sample.
    package init(workload: String, programs: Programs, seconds: [[Double]]) {
        self.workload = workload
        self.programs = programs
        self.seconds = seconds
    }

    /// The times of repot divided by those of GNU cp in the same samples, for each pair of programs.
    package var ratios: [Spread?] {
        programs.pairs.map { pair in
            Spread(zip(seconds[pair.own], seconds[pair.peer]).map { $0 / $1 })
        }
    }

    /// The pairs in which repot is slower, in one line; nil if there are none.
    package var complaint: String? {
        let slow = zip(programs.pairs, ratios).compactMap { pair, ratio -> String? in
            guard let ratio, ratio.median > 1 + Self.tolerance else { return nil }
            let names = "\(programs.all[pair.own].name) takes \(fixed(ratio.median)) of \(programs.all[pair.peer].name)"
            return "\(names) (\(fixed(ratio.lowest)) to \(fixed(ratio.highest)))"
        }
        return slow.isEmpty ? nil : "\(workload): " + slow.joined(separator: ", ")
    }

    /// A row of the table: the workload, a time for each program, a ratio for each pair.
    package var row: [String] {
        let times = seconds.map { samples in
            Spread(samples).map { fixed($0.median * 1000) } ?? "-"
        }
        return [workload] + times + ratios.map { $0.map { fixed($0.median) } ?? "-" }
    }

    /// The header of the table.
    package static func header(_ programs: Programs) -> [String] {
        let pairs = programs.pairs.map { "\(programs.all[$0.own].name) : \(programs.all[$0.peer].name)" }
        return ["workload"] + programs.all.map(\.name) + pairs
    }
}
