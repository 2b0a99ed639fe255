import Dispatch
import Synchronization

/// Lets workers through one at a time, in the order of their numbers.
final class Turnstile: Sendable {
    private struct State {
        var turn = 0
        var isClosed = false
        var waiting: [Int: DispatchSemaphore] = [:]
    }

    private let state = Mutex(State())

    /// Waits for its turn; false when the turnstile was closed meanwhile.
    func enter(_ number: Int) -> Bool {
        let mine = DispatchSemaphore(value: 0)
        let mustWait = state.withLock { state in
            guard !state.isClosed, state.turn != number else { return false }
            state.waiting[number] = mine
            return true
        }
        if mustWait { mine.wait() }
        return state.withLock { !$0.isClosed }
    }

    /// Gives the turn to the next number.
    func leave() {
        let next = state.withLock { state in
            state.turn += 1
            return state.waiting.removeValue(forKey: state.turn)
        }
        next?.signal()
    }

    /// Nobody gets through any more.
    func close() {
        let all = state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for waiting in all { waiting.signal() }
    }
}
