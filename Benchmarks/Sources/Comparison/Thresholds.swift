import Measuring
import TestSupport

/// What is asked of repot, case by case and peer by peer.
struct Thresholds {
    /// One line of the file.
    struct Line {
        /// For a full run.
        let asked: Double
        /// For a quick run.
        let gate: Double
    }

    private var lines: [String: Line] = [:]

    /// Reads lines such as `1.90  1.55  ext4-copy  cp -a`; what begins with # is for people.
    init(_ text: String) throws {
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ")
            if words.isEmpty { continue }
            guard words.count > 3, let asked = Double(words[0]), let gate = Double(words[1]) else {
                throw TestError("thresholds: cannot read the line '\(line)'")
            }
            lines[words.dropFirst(2).joined(separator: " ")] = Line(asked: asked, gate: gate)
        }
    }

    /// Nil where nothing is asked.
    subscript(name: String, peer: String) -> Line? { lines["\(name) \(peer)"] }

    /// The line to put into the file so that `ratio` would just pass with a margin.
    static func line(_ ratio: Double, _ old: Line, _ name: String, _ peer: String) -> String {
        let gate = (ratio * 0.85 * 100).rounded(.down) / 100
        return "  \(fixed(min(old.asked, ratio)))   \(fixed(min(old.gate, gate)))  \(name)  \(peer)"
    }
}
