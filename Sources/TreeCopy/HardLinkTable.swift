import Dispatch
import Synchronization
import SystemCalls

/// The inodes with several names that a run has met, and the first name that it gave to each.
///
/// The first worker to claim an inode makes it; a second one that comes meanwhile waits. It cannot wait in
/// a circle: making a file claims nothing else.
final class HardLinkTable: Sendable {
    /// Where the first name is.
    struct Place: Sendable {
        let parent: DirectoryTask?
        let root: RootTask
        let name: Name

        func directory() throws(Failure) -> Directory {
            try parent?.destination() ?? root.base(.destination)
        }

        /// A file that is a root has its temporary name until it is published.
        func withCurrentName<R: Sendable>(_ body: (Name) throws(Errno) -> R) throws(Errno) -> R {
            parent == nil ? try root.withCurrentName(body) : try body(name)
        }

        func isSame(as other: Place) -> Bool {
            parent === other.parent && root === other.root && name == other.name
        }
    }

    enum Claim {
        /// Nobody has made it: make it, then `settle`.
        case first
        /// It is there: link to it.
        case made(Place)
    }

    private enum State {
        case beingMade(DispatchGroup)
        case made(Place)
    }

    private let states = Mutex<[FileIdentity: State]>([:])

    func claim(_ file: FileIdentity) -> Claim {
        while true {
            switch look(file) {
            case .made(let place): return .made(place)
            case .beingMade(let waiting): waiting.wait()
            case nil: return .first
            }
        }
    }

    /// Ends a claim: the place of the file, or nil when it could not be made and the next may try.
    func settle(_ file: FileIdentity, at place: Place?) {
        let before = states.withLock { table in
            let before = table[file]
            table[file] = place.map { .made($0) }
            return before
        }
        if case .beingMade(let waiting) = before { waiting.leave() }
    }

    /// A new generation: the place has all the links it can take, or is gone. The next claim is the first,
    /// unless another worker has begun a generation already.
    func forget(_ file: FileIdentity, at place: Place) {
        states.withLock { table in
            guard case .made(let known) = table[file] else { return }
            if known.isSame(as: place) { table[file] = nil }
        }
    }

    /// nil after noting that the caller is the first.
    private func look(_ file: FileIdentity) -> State? {
        states.withLock { table in
            if let state = table[file] { return state }
            let group = DispatchGroup()
            group.enter()
            table[file] = .beingMade(group)
            return nil
        }
    }
}
