import Glibc
import Synchronization
import SystemCalls
import TestSupport
import TreeCopy

/// Something that happens to the tree at an exact moment of a copy: before, or right after, the k-th system
/// call of a kind.
final class RaceDisturbance: Sendable {
    enum Moment: Sendable {
        case before(SystemCall, Int)
        case after(SystemCall, Int)
    }

    private let moment: Moment
    private let happen: @Sendable () -> Void
    private let state = Mutex((seen: 0, isDone: false))

    init(_ moment: Moment, _ happen: @escaping @Sendable () -> Void) {
        self.moment = moment
        self.happen = happen
    }

    var hasHappened: Bool { state.withLock { $0.isDone } }

    /// One worker unless the options say otherwise; the engine's own look at the process comes before.
    func copy(_ request: CopyRequest, then second: RaceDisturbance? = nil) -> CopyReport {
        let engine = CopyEngine(request)
        return watched("\(moment)") {
            Faults.during({ _, call in
                if self.hasHappened { second?.look(call) }
                self.look(call)
                return nil
            }) { engine.copy() }.0
        }
    }

    private func look(_ call: SystemCall) {
        if isNow(call) { happen() }
    }

    private func isNow(_ call: SystemCall) -> Bool {
        state.withLock { state in
            if state.isDone { return false }
            switch moment {
            case .before(let kind, let count):
                if call == kind { state.seen += 1 }
                state.isDone = call == kind && state.seen == count
            case .after(let kind, let count):
                state.isDone = state.seen == count
                if call == kind { state.seen += 1 }
            }
            return state.isDone
        }
    }
}

/// What a disturbance does to a file. Failures show in the test's expectations.
enum RaceChange: String, Sendable {
    case truncated, emptied, grown, rewritten, replaced, extended

    /// Each of them alone is a change that a copy must not miss.
    static let single: [RaceChange] = [.truncated, .emptied, .grown, .rewritten, .replaced]

    func apply(to path: ByteString) {
        let file = open(Path(path).description, O_WRONLY)
        defer { close(file) }
        var status = stat()
        fstat(file, &status)
        let bytes = [UInt8](repeating: 0x55, count: 4096)
        switch self {
        case .truncated: ftruncate(file, status.st_size - 10)
        case .emptied: ftruncate(file, 0)
        case .extended: ftruncate(file, status.st_size + 10)
        case .grown: pwrite(file, bytes, 4096, Int(status.st_size))
        case .rewritten: pwrite(file, bytes, min(4096, Int(status.st_size)), 0)
        case .replaced: rename(Path(path).description + ".new", Path(path).description)
        }
    }
}
