import FileTree
import Synchronization
import SystemCalls

/// One tree of a scan, and what is known of it so far.
final class ScannedTree: Sendable {
    private struct State {
        var places: [Int: (number: Int, path: Path)] = [:]
        var failure: (number: Int, error: PathError)?
    }

    /// In the directory that is scanned.
    let name: Path
    private let state = Mutex(State())

    init(_ name: Path) { self.name = name }

    /// Notes what was found in an entry, and returns what is new in this tree. Workers get to the entries in any
    /// order; the place that counts is the first in the order of the walk.
    func note(_ found: Set<Int>, in entry: ScanEntry) -> [Int] {
        state.withLock { state in
            found.filter { finding in
                let known = state.places[finding]?.number
                if let known, known <= entry.number { return false }
                state.places[finding] = (entry.number, Path(entry.walked.path))
                return known == nil
            }
        }
    }

    /// Of several failures, the first in the order of the walk counts.
    func note(_ error: PathError, at number: Int) {
        state.withLock { state in
            if let failure = state.failure, failure.number <= number { return }
            state.failure = (number, error)
        }
    }

    var failure: PathError? { state.withLock { $0.failure?.error } }

    /// What was found, and where first: from the tree's root, which has an empty path.
    var places: [(finding: Int, place: Path)] {
        state.withLock { $0.places.map { ($0.key, $0.value.path) } }
    }
}

/// An entry of a tree to be looked into.
struct ScanEntry: Sendable {
    let tree: ScannedTree
    /// In the order of the walk.
    let number: Int
    let walked: WalkEntry
    /// Whether its type is the real one, and not a listed one that was wrong.
    var isCorrected = false
}
