import Dispatch
import Synchronization
import SystemCalls

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

/// The first call of a kind fails, on whatever thread.
final class FirstOf: Sendable {
    private let kind: SystemCall
    private let errno: Errno
    private let isOver = Atomic<Bool>(false)

    init(_ kind: SystemCall, _ errno: Errno) {
        self.kind = kind
        self.errno = errno
    }

    func look(_ call: SystemCall) -> Errno? {
        call == kind && !isOver.exchange(true, ordering: .relaxed) ? errno : nil
    }
}
