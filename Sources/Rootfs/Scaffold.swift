import FileTree
import SystemCalls
import TreeCopy

/// The directories in which repot adds entries: the destination, those down to the store, and all others that it adds.
struct Scaffold {
    /// How far repot answers for a directory.
    private enum Charge {
        /// Made by this run, or on the way to the store: owner, mode and time.
        case whole
        /// There before with repot's time, as an earlier run leaves it: it keeps that time.
        case time
        /// Somebody else's: nothing.
        case none
    }

    private struct Held {
        /// nil for one that has to be opened again.
        let directory: Directory?
        let charge: Charge
        let mode: FileMode
    }

    /// How many are held open; a profile may have more directories than a process may have files open.
    private static let mostOpen = 64

    private let plan: RootfsPlan
    private let touch: FinishingTouch
    private var held: [Path: Held] = [:]
    private var collisions = NameCollisions()
    /// A directory on each device.
    private var fileSystems: [UInt64: Path] = [:]

    /// Makes and opens them from the root down. Nothing is followed below the destination.
    init(_ plan: RootfsPlan, _ touch: FinishingTouch) throws(PathError) {
        self.plan = plan
        self.touch = touch
        try open(".", Name(plan.spec.destination), in: .current, makes: plan.makesDestination, .readable, [])
        for entry in plan.plainEntries {
            guard case .directory(let mode) = entry.content else { continue }
            let parent = try directory(entry.path.parent)
            try open(
                entry.path, Name(entry.path.lastComponent), in: parent, makes: true, FileMode(rawValue: mode), .noFollow
            )
        }
        // If this run is killed, the next one recognises them as repot's by their time. Failures are reported at the
        // end.
        _ = finish()
    }

    private mutating func open(
        _ path: Path, _ name: Name, in parent: Directory, makes: Bool, _ mode: FileMode, _ options: OpenOptions
    ) throws(PathError) {
        let isNew = makes ? try make(path, name, in: parent, mode) : false
        let metadata: Metadata
        do throws(Errno) {
            let directory = try parent.openDirectory(name, options)
            if isNew { try directory.removeInheritedAccessLists() }
            metadata = try directory.metadata()
            if fileSystems[metadata.identity.device] == nil { fileSystems[metadata.identity.device] = path }
            // A run that was killed while it replaced a symlink leaves the symlink under a temporary name.
            if makes, !isNew, metadata.modified != touch.time { try sweep(directory) }
            let isOwn = path != "." && plan.isOwn(path)
            // The plan has seen that a mode that matters may be set.
            let isOpen = mode != .readable && mode != metadata.mode
            let charge: Charge =
                isNew || isOwn || isOpen ? .whole : metadata.modified == touch.time ? .time : .none
            let stays = isOwn || path == "." || held.count < Self.mostOpen
            held[path] = Held(directory: stays ? directory : nil, charge: charge, mode: mode)
            // A read-only directory of the caller's takes no entries until it is opened up.
            let isCallers = metadata.owner.user == ProcessState.effectiveOwner.user
            if isOwn, isCallers, !metadata.mode.isSuperset(of: .ownerAll) { try directory.setMode(.readable) }
        } catch { throw .failed("cannot open", place(path), error) }
        if path != "." { try collisions.insert(path, metadata, in: plan.spec.destination) }
    }

    /// Returns false if it exists.
    private func make(_ path: Path, _ name: Name, in parent: Directory, _ mode: FileMode) throws(PathError) -> Bool {
        do throws(Errno) {
            try parent.makeDirectory(name, mode)
            return true
        } catch {
            guard error == .exists else { throw .failed("cannot create directory", place(path), error) }
            return false
        }
    }

    func place(_ path: Path) -> Path {
        path == "." ? plan.spec.destination : plan.spec.destination.appending(path)
    }

    /// The open directory; `.` for the destination itself.
    func directory(_ path: Path) throws(PathError) -> Directory {
        if let directory = held[path]?.directory { return directory }
        guard held[path] != nil else { throw .failed("cannot open", place(path), .notFound) }
        let parent = try directory(path.parent)
        do throws(Errno) { return try parent.openDirectory(Name(path.lastComponent), .noFollow) } catch {
            throw .failed("cannot open", place(path), error)
        }
    }

    var storePath: Path { place(plan.storeDirectory) }

    /// The store's directory, which the plan always names.
    var store: Directory {
        get throws(PathError) { try directory(plan.storeDirectory) }
    }

    /// Removes temporary names of killed runs. If that is not permitted, they stay.
    private func sweep(_ directory: Directory) throws(Errno) {
        do throws(Errno) { try StagingArea(directory).sweep() } catch { if error.isFatal { throw error } }
    }

    /// Removes what killed runs left in a directory.
    func sweep(_ path: Path) throws(PathError) {
        let directory = try directory(path)
        do throws(Errno) { try StagingArea(directory).sweep() } catch {
            throw .failed("cannot remove what an interrupted run left in", place(path), error)
        }
    }

    /// Waits until everything that was written is on disk.
    func sync() throws(PathError) {
        for path in fileSystems.values.sorted() {
            let directory = try directory(path)
            do throws(Errno) { try directory.syncFileSystem() } catch {
                throw .failed("cannot write to disk", place(path), error)
            }
        }
    }

    /// Completes the directories, after the entries that have touched their times. Returns the errors.
    func finish() -> [PathError] {
        var errors: [PathError] = []
        for (path, held) in held.sorted(by: { $1.key < $0.key }) {
            errors.collect { () throws(PathError) in
                switch held.charge {
                case .whole: try touch.apply(to: try directory(path), mode: held.mode, place(path))
                case .time: try touch.applyTime(to: try directory(path), place(path))
                case .none: break
                }
            }
        }
        return errors
    }
}

extension OpenFile where Self: ~Copyable {
    /// Removes the ACLs that a new entry has from its parent; a default ACL would pass to all entries in the directory.
    func removeInheritedAccessLists() throws(Errno) {
        try removeInherited(.defaultACL)
        try removeInherited(.accessACL)
    }

    /// Removes an inherited ACL. A file system that refuses extended attributes altogether has none.
    func removeInherited(_ list: AttributeName) throws(Errno) {
        do throws(Errno) { try removeAttribute(list) } catch {
            if error.isFatal || (try? hasAttribute(list)) == true { throw error }
        }
    }
}
