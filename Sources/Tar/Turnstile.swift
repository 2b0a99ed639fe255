import Dispatch
import Synchronization

/// Lets workers through one at a time, in the order of their numbers.
final class Turnstile: Sendable {
    private struct State {
        var turn = 0
        /// From this number on nobody gets through.
        var end = Int.max
        var waiting: [Int: DispatchSemaphore] = [:]
    }

    private let state = Mutex(State())

    /// Waits for its turn; false when the turnstile was closed for it meanwhile.
    func enter(_ number: Int) -> Bool {
        let mine = DispatchSemaphore(value: 0)
        let mustWait = state.withLock { state in
            guard number < state.end, state.turn != number else { return false }
            state.waiting[number] = mine
            return true
        }
        if mustWait { mine.wait() }
        return state.withLock { number < $0.end }
    }

    /// Gives the turn to the next number.
    func leave() {
        let next = state.withLock { state in
            state.turn += 1
            return state.waiting.removeValue(forKey: state.turn)
        }
        next?.signal()
    }

    /// Nobody of this number or a later one gets through any more.
    func close(from number: Int) {
        let late = state.withLock { state in
            state.end = min(state.end, number)
            let late = state.waiting.filter { $0.key >= number }
            for number in late.keys { state.waiting[number] = nil }
            return late.values
        }
        for waiting in late { waiting.signal() }
    }
}
