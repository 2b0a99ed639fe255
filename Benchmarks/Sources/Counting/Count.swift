import Measuring
import TestSupport

/// Something that was counted, and that does not depend on the clock.
struct Count {
    /// As in counts.txt: `ext4-copy calls a file`.
    let name: String
    let value: Double
    let margin: Margin
    /// What it is made up of, for whoever wonders why it has grown; may be empty.
    let detail: String

    init(_ name: String, _ value: Double, _ margin: Margin, detail: String = "") {
        self.name = name
        self.value = value
        self.margin = margin
        self.detail = detail
    }
}

extension Count {
    /// Calls by entry, from two runs of which the second had so many entries more: all that does not depend on
    /// their number cancels out.
    init(_ name: String, few: SystemCallCount, many: SystemCallCount, entries: Int) {
        let growth = many.growth(since: few, entries: entries).sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let detail = growth.map { "\($0.key) \(fixed($0.value))" }.joined(separator: ", ")
        // Workers may happen to do less in the larger run.
        let value = max(0, Double(many.total - few.total) / Double(entries))
        self.init(name, value, .perEntry, detail: detail)
    }
}

/// How far a count may lie above what was measured when its limit was written.
struct Margin {
    let relative: Double
    let absolute: Double

    /// For what is the same in every run.
    static let none = Margin(relative: 0, absolute: 0)
    /// For calls an entry: workers hand folders to one another, sometimes more and sometimes less often.
    static let perEntry = Margin(relative: 0, absolute: 0.1)
    /// For what is large and varies a little.
    static let tenth = Margin(relative: 0.1, absolute: 0)
    /// For written bytes by byte of content, which may be next to none.
    static let share = Margin(relative: 0.1, absolute: 0.01)
    /// For memory in MiB: allocators and schedulers differ.
    static let memory = Margin(relative: 0.25, absolute: 1)

    /// The limit for a count that is `value` today, in hundredths, as counts.txt has it.
    func limit(_ value: Double) -> Double {
        ((value * (1 + relative) + absolute) * 100).rounded(.up) / 100
    }
}
