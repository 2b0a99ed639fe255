import Measuring
import TestSupport

/// What is asked of repot, case by case and peer by peer.
struct Thresholds {
    /// One line of the file.
    struct Line {
        /// For a full run.
        let asked: Double
        /// For a quick run, which leaves out what has none.
        let gate: Double?
    }

    private var lines: [String: Line] = [:]

    /// What the lines are about: case and peer.
    var names: [String] { lines.keys.sorted() }

    /// Reads lines such as `1.90  1.55  ext4-copy  cp -a`; what begins with # is for people, and a gate
    /// may be -.
    init(_ text: String) throws {
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ")
            if words.isEmpty { continue }
            let gate = words.count > 1 ? Double(words[1]) : nil
            guard words.count > 3, let asked = Double(words[0]), gate != nil || words[1] == "-" else {
                throw TestError("thresholds: cannot read the line '\(line)'")
            }
            lines[words.dropFirst(2).joined(separator: " ")] = Line(asked: asked, gate: gate)
        }
    }

    /// Nil where nothing is asked.
    subscript(name: String, peer: String) -> Line? { lines["\(name) \(peer)"] }

    /// The line to put into the file so that `ratio` would just pass with a margin. A quick run says nothing of
    /// what a full one is asked.
    static func line(_ ratio: Double, _ old: Line, _ name: String, _ peer: String, isQuick: Bool) -> String {
        let asked = isQuick ? old.asked : min(old.asked, ratio)
        let gate = (ratio * 0.85 * 100).rounded(.down) / 100
        let newGate = old.gate.map { fixed(min($0, gate)) } ?? "-"
        return "  \(fixed(asked))   \(newGate)  \(name)  \(peer)"
    }
}
