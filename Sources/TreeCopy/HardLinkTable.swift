import Dispatch
import Synchronization
import SystemCalls

/// The inodes with several names that a run has met, and the first name that it gave to each.
///
/// The first worker to claim an inode makes it; a second one that comes meanwhile waits. It cannot wait in a circle:
/// making a file waits at most for a `WriteClaim`, whose holder waits for nobody.
final class HardLinkTable: Sendable {
    /// Where the first name is.
    enum Place: Sendable {
        case entry(of: DirectoryTask, name: Name)
        /// A file that is a root has its temporary name until it is published.
        case root(RootTask)

        init(_ site: CopySite) {
            self = site.parent.map { .entry(of: $0, name: site.name) } ?? .root(site.root)
        }

        func directory() throws(Failure) -> Directory {
            switch self {
            case .entry(let task, _): try task.destination()
            case .root(let root): try root.base(.destination)
            }
        }

        func withCurrentName<R: Sendable>(_ body: (Name) throws(Errno) -> R) throws(Errno) -> R {
            switch self {
            case .entry(_, let name): try body(name)
            case .root(let root): try root.withCurrentName(body)
            }
        }

        func isSame(as other: Place) -> Bool {
            switch (self, other) {
            case (.entry(let task, let name), .entry(let otherTask, let otherName)):
                task === otherTask && name == otherName
            case (.root(let root), .root(let otherRoot)): root === otherRoot
            default: false
            }
        }
    }

    enum Claim {
        /// Nobody has made it: make it, then `settle`.
        case first
        /// It is there: link to it.
        case made(Place)
    }

    private enum Answer {
        case claim(Claim)
        case wait(DispatchGroup)
    }

    private struct State: Sendable {
        var inodes = InodeTable()
        /// Those who wait for an inode, by its number.
        var waiting: [Int: DispatchGroup] = [:]

        /// What they wait on, until the maker leaves it.
        mutating func group(_ number: Int) -> DispatchGroup {
            if let group = waiting[number] { return group }
            let group = DispatchGroup()
            group.enter()
            waiting[number] = group
            return group
        }
    }

    private let state = Mutex(State())

    func claim(_ file: FileIdentity) -> Claim {
        while true {
            switch ask(file) {
            case .claim(let claim): return claim
            case .wait(let group): group.wait()
            }
        }
    }

    /// Ends a claim: the place of the file, or nil when it could not be made and the next may try.
    func settle(_ file: FileIdentity, at place: Place?) {
        let waiting = state.withLock { state in
            let number = state.inodes.number(of: file)
            state.inodes[number] = place.map { .made($0) } ?? .nowhere
            return state.waiting.removeValue(forKey: number)
        }
        waiting?.leave()
    }

    /// A new generation: the place has all the links it can take, or is gone. The next claim is the first,
    /// unless another worker has begun a generation already.
    func forget(_ file: FileIdentity, at place: Place) {
        state.withLock { state in
            let number = state.inodes.number(of: file)
            guard case .made(let known) = state.inodes[number] else { return }
            if known.isSame(as: place) { state.inodes[number] = .nowhere }
        }
    }

    /// The first to ask is noted as the maker.
    private func ask(_ file: FileIdentity) -> Answer {
        state.withLock { state in
            let number = state.inodes.number(of: file)
            switch state.inodes[number] {
            case .made(let place): return .claim(.made(place))
            case .beingMade: return .wait(state.group(number))
            case .nowhere:
                state.inodes[number] = .beingMade
                return .claim(.first)
            }
        }
    }
}
