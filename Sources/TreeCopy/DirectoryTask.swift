import Synchronization
import SystemCalls

/// One directory on its way from source to destination.
///
/// Two counters tell its phases apart. While `unstarted` is above zero, entries are being read or children
/// wait to be opened, and the source has to stay open. While `unfinished` is above zero, something below
/// is still being made; whoever brings it to zero applies the directory's own metadata.
final class DirectoryTask: Sendable {
    /// nil for a root.
    let parent: DirectoryTask?
    let root: RootTask
    let sourceName: Name
    let name: Name
    /// The source name may be a symlink, to be followed: an operand under `-H`, any entry under `-L`.
    let follows: Bool
    let depth: Int
    let unstarted = Atomic<Int>(1)
    /// Those who read entries, or are invited to: a directory closed meanwhile would be read from its start.
    let readers = Atomic<Int>(1)
    /// A child was opened, so that both sides may wait closed.
    let isPassed = Atomic<Bool>(false)
    let unfinished = Atomic<Int>(1)
    /// Set where a file here is the first name of an inode with several: its place is looked up again.
    let holdsFirstLinks = Atomic<Bool>(false)
    private let handles = Mutex(Handles())

    /// What is open, and how to know it again when it is opened a second time.
    struct Handles: Sendable {
        var source: Directory?
        var destination: Directory?
        var sourceIdentity: FileIdentity?
        var destinationIdentity: FileIdentity?
        var opened: OpenedDirectory?

        mutating func closeSource() -> Int {
            defer { source = nil }
            return source == nil ? 0 : 1
        }

        mutating func closeDestination() -> Int {
            defer { destination = nil }
            return destination == nil ? 0 : 1
        }
    }

    init(parent: DirectoryTask?, root: RootTask, sourceName: Name, name: Name, follows: Bool) {
        self.parent = parent
        self.root = root
        self.sourceName = sourceName
        self.name = name
        self.follows = follows
        depth = (parent?.depth ?? -1) + 1
    }

    /// Paths for people.
    var sourcePath: Path { path(from: root.request.source) { $0.sourceName } }
    var destinationPath: Path { path(from: root.request.shownDestination) { $0.name } }

    /// From the root, which has an empty one.
    var relativePath: Path { path(from: Path([])) { $0.sourceName } }

    private func path(from start: Path, _ component: (DirectoryTask) -> Name) -> Path {
        var names: [Name] = []
        var task = self
        while let parent = task.parent {
            names.append(component(task))
            task = parent
        }
        return names.reversed().reduce(start) { $0.appending($1) }
    }
}

/// What is known of a directory once both sides are open. A class, for it is asked for often and never changes.
final class OpenedDirectory: Sendable {
    let metadata: Metadata
    let attributes: [ExtendedAttribute]
    let ladder: StrategyLadder
    let rule: CreationRule
    /// The destination's metadata from before the run; nil if this run has made it.
    let existing: Metadata?
    /// The spelling of the names in an existing destination.
    let names = ExistingNames()

    init(
        metadata: Metadata, attributes: [ExtendedAttribute], ladder: StrategyLadder, rule: CreationRule,
        existing: Metadata?
    ) {
        self.metadata = metadata
        self.attributes = attributes
        self.ladder = ladder
        self.rule = rule
        self.existing = existing
    }
}

extension DirectoryTask {
    func open(source: Directory, destination: Directory, _ opened: OpenedDirectory) {
        handles.withLock {
            $0.source = source
            $0.destination = destination
            $0.sourceIdentity = opened.metadata.identity
            $0.opened = opened
        }
    }

    var opened: OpenedDirectory? { handles.withLock { $0.opened } }

    /// The open source, opened anew where it was closed to save descriptors.
    func source() throws(Failure) -> Directory {
        if let source = handles.withLock({ $0.source }) { return source }
        return try reopen(.source)
    }

    /// The open destination, opened anew where it was closed.
    func destination() throws(Failure) -> Directory {
        if let destination = handles.withLock({ $0.destination }) { return destination }
        return try reopen(.destination)
    }

    /// The open directory that this one is in.
    func above(_ side: Side) throws(Failure) -> Directory {
        guard let parent else { return try root.base(side) }
        return side == .source ? try parent.source() : try parent.destination()
    }

    /// The source is done with: all entries are read, all children opened. Returns how many were open.
    func releaseSource() -> Int { handles.withLock { $0.closeSource() } }

    /// Everything here is made. Returns how many were open.
    func releaseAll() -> Int {
        handles.withLock {
            $0.opened = nil
            return $0.closeSource() + $0.closeDestination()
        }
    }

    /// Closes both sides while only deeper directories are worked on; they must be known again later.
    /// Returns how many were open.
    func park() throws(Errno) -> Int {
        let isRead = readers.load(ordering: .acquiring) == 0
        let identity = try handles.withLock({ $0.destination })?.metadata().identity
        return handles.withLock {
            if let identity { $0.destinationIdentity = identity }
            return (isRead ? $0.closeSource() : 0) + $0.closeDestination()
        }
    }

    /// Remembers the destination's inode for `reopen`, where files in it will be linked to again.
    func noteDestinationIdentity(_ destination: Directory) throws(Errno) {
        let identity = try destination.metadata().identity
        handles.withLock { $0.destinationIdentity = identity }
    }

    /// Walks down from the nearest open directory above, following nothing, and makes sure that it
    /// arrives at the same inode.
    private func reopen(_ side: Side) throws(Failure) -> Directory {
        var missing: [DirectoryTask] = [self]
        var nearest = parent
        var held: Directory?
        // Another worker may close the directory between two calls of `held`, so there is only one call for each task.
        while let task = nearest {
            held = task.held(side)
            if held != nil { break }
            missing.append(task)
            nearest = task.parent
        }
        var directory: Directory
        if let held { directory = held } else { directory = try root.base(side) }
        while let task = missing.popLast() {
            let above = directory
            directory = try attempt(.open, side) { () throws(Errno) in try task.open(side, in: above) }
        }
        let expected = handles.withLock { side == .source ? $0.sourceIdentity : $0.destinationIdentity }
        let found = try attempt(.inspect, side) { () throws(Errno) in try directory.metadata().identity }
        guard expected == nil || expected == found else { throw .replacedDirectory(side) }
        return directory
    }

    private func open(_ side: Side, in above: Directory) throws(Errno) -> Directory {
        if side == .source { return try above.openDirectory(sourceName, follows ? .none : .noFollow) }
        let options = root.destinationOptions
        guard parent == nil else { return try above.openDirectory(name, options) }
        return try root.withCurrentName { name throws(Errno) in try above.openDirectory(name, options) }
    }

    private func held(_ side: Side) -> Directory? {
        handles.withLock { side == .source ? $0.source : $0.destination }
    }

    /// The name on disk: a root's temporary one until it is published.
    var currentName: Name { parent == nil ? root.currentName : name }
}
