import SystemCalls
import TreeCopy

/// The directories that repot makes around store paths, each held open.
struct Skeleton {
    private let plan: RootfsPlan
    private let destination: Directory
    /// What the destination was before anything was added; nil when it was made.
    private let before: Metadata?
    private var opened: [Path: Directory] = [:]

    /// Makes and opens them from the root down. Nothing is followed below the destination.
    init(_ plan: RootfsPlan) throws(RootfsError) {
        self.plan = plan
        let path = plan.spec.destination
        do throws(Errno) {
            if plan.makesDestination { try Directory.current.makeDirectory(Name(path), .readable) }
            destination = try Directory.current.openDirectory(Name(path), [])
            before = plan.makesDestination ? nil : try destination.metadata()
        } catch { throw .failed("cannot make the destination", path, error) }
        for directory in plan.directories { opened[directory] = try open(directory) }
    }

    private func open(_ path: Path) throws(RootfsError) -> Directory {
        let parent = try directory(path.parent)
        let name = Name(path.lastComponent)
        do throws(Errno) { try parent.makeDirectory(name, .readable) } catch {
            guard error == .exists else { throw .failed("cannot create directory", place(path), error) }
        }
        do throws(Errno) {
            let directory = try parent.openDirectory(name, .noFollow)
            // A read-only directory of the caller's takes no entries until it is opened up.
            let metadata = try directory.metadata()
            if !metadata.mode.isSuperset(of: .ownerAll), metadata.owner.user == ProcessState.effectiveOwner.user {
                try directory.setMode(.readable)
            }
            return directory
        } catch { throw .failed("cannot open", place(path), error) }
    }

    private func place(_ path: Path) -> Path { plan.spec.destination.appending(path) }

    /// The open directory; `.` for the destination itself.
    func directory(_ path: Path) throws(RootfsError) -> Directory {
        if path == "." || path.bytes.isEmpty { return destination }
        guard let directory = opened[path] else { throw .failed("cannot open", place(path), .notFound) }
        return directory
    }

    var storePath: Path { place(plan.storeDirectory) }

    /// The store's directory; a store that is the root itself is the destination.
    var store: Directory { opened[plan.storeDirectory] ?? destination }

    /// Removes what killed runs left in the store.
    func sweepStore() throws(RootfsError) {
        do throws(Errno) { try StagingArea(store).sweep() } catch {
            throw .failed("cannot remove what an interrupted run left in", storePath, error)
        }
    }

    /// The last thing: entries made above have touched the times. Directories on the way to the store always
    /// have repot's mode and time; the destination keeps its own unless it was made, or had them before.
    func finish(_ finish: FinishingTouch) throws(RootfsError) {
        for (path, directory) in opened.sorted(by: { $1.key < $0.key }) {
            try finish.apply(to: directory, place(path))
        }
        if before == nil || before?.modified == finish.time {
            try finish.apply(to: destination, plan.spec.destination)
        }
    }
}
