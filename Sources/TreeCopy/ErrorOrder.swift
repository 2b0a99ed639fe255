import Synchronization

/// Tells failures in the order of the roots, whichever worker was faster: those of a root when all roots before it are
/// through. Until then they are held. Those of one root keep the order of time.
final class ErrorOrder: Sendable {
    private struct State {
        /// All roots before this one are through.
        var turn = 0
        /// Later ones that are through as well.
        var finished: Set<Int> = []
        var held: [Int: [CopyError]] = [:]
        var heldCount = 0
    }

    /// A first root that takes long, and a broken disk behind it: what is held stays within some 30 MB. Beyond that the
    /// order is given up.
    static let mostHeld = 100_000
    private let onError: (@Sendable (CopyError) -> Void)?
    private let onTurn: (@Sendable (Int) -> Void)?
    private let state = Mutex(State())

    /// nil where nobody listens.
    init?(_ request: CopyRequest) {
        if request.onError == nil && request.onTurn == nil { return nil }
        onError = request.onError
        onTurn = request.onTurn
    }

    /// The first root has its turn.
    func begin() { onTurn?(0) }

    /// Told with the lock held: another worker's would come in between.
    func add(_ error: CopyError, of root: Int) {
        state.withLock { state in
            if root <= state.turn {
                onError?(error)
                return
            }
            state.held[root, default: []].append(error)
            state.heldCount += 1
            if state.heldCount >= Self.mostHeld { release(&state) }
        }
    }

    /// Nothing more happens to the root.
    func finish(_ root: Int) {
        state.withLock { state in
            // What became a directory when it was looked at again is through twice.
            guard root >= state.turn else { return }
            if root > state.turn {
                state.finished.insert(root)
                return
            }
            repeat { advance(&state) } while !state.finished.isEmpty && state.finished.remove(state.turn) != nil
        }
    }

    private func advance(_ state: inout State) {
        state.turn += 1
        onTurn?(state.turn)
        let errors = state.held.removeValue(forKey: state.turn) ?? []
        state.heldCount -= errors.count
        for error in errors { onError?(error) }
    }

    /// The run is through, or given up: roots that never began are waited for no longer.
    func end() { state.withLock { state in release(&state) } }

    private func release(_ state: inout State) {
        for root in state.held.keys.sorted() { state.held[root]?.forEach { onError?($0) } }
        state.held = [:]
        state.heldCount = 0
    }
}
