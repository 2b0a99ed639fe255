import Measuring
import TestSupport

/// What counts may come to.
struct Limits {
    /// One line of the file.
    struct Line {
        /// What fails when it is exceeded.
        let limit: Double
        /// What was measured when the limit was written.
        let measured: Double
    }

    private var lines: [String: Line] = [:]

    /// Reads lines such as `9.10  9.00  ext4-copy calls a file`; what begins with # is for people.
    init(_ text: String) throws {
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ")
            if words.isEmpty { continue }
            guard words.count > 2, let limit = Double(words[0]), let measured = Double(words[1]) else {
                throw TestError("counts: cannot read the line '\(line)'")
            }
            lines[words.dropFirst(2).joined(separator: " ")] = Line(limit: limit, measured: measured)
        }
    }

    /// Nil where nothing is asked.
    subscript(name: String) -> Line? { lines[name] }

    /// The line to put into the file so that the count passes with its margin.
    static func line(_ count: Count) -> String {
        let columns = [fixed(count.margin.limit(count.value)), fixed(count.value)].map { number in
            String(repeating: " ", count: max(0, 8 - number.count)) + number
        }
        return columns.joined() + "  " + count.name
    }
}
