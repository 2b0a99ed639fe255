import Dispatch

/// Runs closures at the same time, each on a thread of its own, and waits for all.
enum DispatchPair {
    static func run(_ bodies: [@Sendable () -> Void]) {
        let group = DispatchGroup()
        for (index, body) in bodies.enumerated() {
            DispatchQueue(label: "side \(index)").async(group: group, execute: body)
        }
        group.wait()
    }
}
