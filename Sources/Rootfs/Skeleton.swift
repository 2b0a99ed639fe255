import SystemCalls
import TreeCopy

/// The directories in which repot adds entries, each held open: the destination, those down to the store, and those
/// of symlinks.
struct Skeleton {
    /// How far repot answers for a directory.
    private enum Charge {
        /// Made by this run, or on the way to the store: owner, mode and time.
        case whole
        /// There before with repot's time, as an earlier run leaves it: it keeps that time.
        case time
        /// Somebody else's: nothing.
        case none
    }

    private let plan: RootfsPlan
    private let touch: FinishingTouch
    private var opened: [Path: (directory: Directory, charge: Charge)] = [:]

    /// Makes and opens them from the root down. Nothing is followed below the destination.
    init(_ plan: RootfsPlan, _ touch: FinishingTouch) throws(RootfsError) {
        self.plan = plan
        self.touch = touch
        try open(".", Name(plan.spec.destination), in: .current, makes: plan.makesDestination, [])
        for path in plan.directories {
            try open(path, Name(path.lastComponent), in: try directory(path.parent), makes: true, .noFollow)
        }
        // By their time the next run knows them as repot's, should this one be killed.
        try finish()
    }

    private mutating func open(
        _ path: Path, _ name: Name, in parent: Directory, makes: Bool, _ options: OpenOptions
    ) throws(RootfsError) {
        let isNew = makes ? try make(path, name, in: parent) : false
        do throws(Errno) {
            let directory = try parent.openDirectory(name, options)
            if isNew { try directory.removeInheritedAccessLists() }
            let metadata = try directory.metadata()
            let isOwn = path != "." && plan.isOwn(path)
            opened[path] = (directory, isNew || isOwn ? .whole : metadata.modified == touch.time ? .time : .none)
            // A read-only directory of the caller's takes no entries until it is opened up.
            let isCallers = metadata.owner.user == ProcessState.effectiveOwner.user
            if isOwn, isCallers, !metadata.mode.isSuperset(of: .ownerAll) { try directory.setMode(.readable) }
        } catch { throw .failed("cannot open", place(path), error) }
    }

    /// False when it is there already.
    private func make(_ path: Path, _ name: Name, in parent: Directory) throws(RootfsError) -> Bool {
        do throws(Errno) {
            try parent.makeDirectory(name, .readable)
            return true
        } catch {
            guard error == .exists else { throw .failed("cannot create directory", place(path), error) }
            return false
        }
    }

    private func place(_ path: Path) -> Path {
        path == "." ? plan.spec.destination : plan.spec.destination.appending(path)
    }

    /// The open directory; `.` for the destination itself.
    func directory(_ path: Path) throws(RootfsError) -> Directory {
        guard let held = opened[path] else { throw .failed("cannot open", place(path), .notFound) }
        return held.directory
    }

    var storePath: Path { place(plan.storeDirectory) }

    /// The store's directory, which the plan always names.
    var store: Directory {
        get throws(RootfsError) { try directory(plan.storeDirectory) }
    }

    /// Removes what killed runs left in the store.
    func sweepStore() throws(RootfsError) {
        let store = try store
        do throws(Errno) { try StagingArea(store).sweep() } catch {
            throw .failed("cannot remove what an interrupted run left in", storePath, error)
        }
    }

    /// The last thing: entries made above have touched the times.
    func finish() throws(RootfsError) {
        for (path, held) in opened.sorted(by: { $1.key < $0.key }) {
            switch held.charge {
            case .whole: try touch.apply(to: held.directory, place(path))
            case .time: try touch.applyTime(to: held.directory, place(path))
            case .none: break
            }
        }
    }
}

extension Directory {
    /// They would pass to all that is made in the directory.
    fileprivate func removeInheritedAccessLists() throws(Errno) {
        try removeAttribute(.defaultACL)
        try removeAttribute(.accessACL)
    }
}
