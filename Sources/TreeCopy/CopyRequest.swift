public import SystemCalls

/// One thing to copy: an operand and where it goes.
public struct CopyRoot: Sendable {
    /// The source as the user named it; relative to the working directory, its parent's symlinks followed.
    public var source: Path
    /// The directory that receives it.
    public var directory: Path
    /// Its name there.
    public var name: Path
    /// When it becomes visible under that name.
    public var publication: Publication
    /// The destination as people know it, where that is more than the directory and the name: `./copy`.
    public var shown: Path?
    /// What is left out, with all below it: paths from the root, which itself cannot be among them.
    public var excluded: Set<Path> = []
    /// The directory, where the caller holds it open already: nobody can swap it meanwhile.
    package var openDirectory: Directory?
    /// The error to report in the root's turn, if it is known before the run that the root cannot be copied.
    package var failure: CopyError?
    /// The source, as the caller has seen it just now, not through a symlink: it need not be looked at twice.
    var seen: SourceLook?
    /// Its position in the request.
    var number = 0
    /// Nothing had its name before the run, and no other root has.
    var isKnownNew = false

    /// Creates a root from its source, the directory that receives it, its name there, the kind of publication, and the
    /// path to show for the destination.
    public init(source: Path, directory: Path, name: Path, publication: Publication, shown: Path? = nil) {
        self.source = source
        self.directory = directory
        self.name = name
        self.publication = publication
        self.shown = shown
    }

    /// The path that the root has in the end.
    public var destination: Path { directory == "." ? name : directory.appending(name) }
    var shownDestination: Path { shown ?? destination }
}

/// When a root appears under its name.
public enum Publication: Sendable, Hashable {
    /// As it grows, like cp.
    case inPlace
    /// A new directory grows under a temporary name and is renamed when the run is through with it, also
    /// when some entries failed; an interrupted or full-disk run removes it.
    case whenDone
    /// As `whenDone`, but a root with a failed entry is removed: it is whole or absent.
    case whole
}

/// A copy to be made.
public struct CopyRequest: Sendable {
    /// What is copied, in order.
    public var roots: [CopyRoot]
    /// How.
    public var options: CopyOptions
    /// Asked now and then, on any worker: true ends the run.
    public var isCancelled: @Sendable () -> Bool
    /// One worker goes through the sources in the order of GNU cp: what can be seen of a run is what can be seen of cp.
    public var isOrdered = false
    /// Called before each entry is made, on any worker.
    public var onEvent: (@Sendable (CopyEvent) -> Void)?
    /// Asked before a file is overwritten; false leaves it.
    public var confirm: (@Sendable (Question) -> Bool)?
    /// Called with each failure when it happens, but not before all roots that come before its own are through.
    public var onError: (@Sendable (CopyError) -> Void)?
    /// Called with the number of a root, and in the end with how many there are, when all before it are through and
    /// nothing was told of it yet.
    public var onTurn: (@Sendable (Int) -> Void)?

    /// A copy of these roots.
    public init(
        roots: [CopyRoot], options: CopyOptions, isCancelled: @escaping @Sendable () -> Bool = { false }
    ) {
        self.roots = roots
        self.options = options
        self.isCancelled = isCancelled
    }
}

/// What happens to an entry, told before it does.
public enum CopyEvent: Sendable, Hashable {
    /// It is made; what was there has the name `backup` now.
    case made(source: Path, destination: Path, backup: Path?)
    /// It has its content.
    case filled(ContentMethod)
    /// The existing file stays: `-n`, `-u`, or the user's answer.
    case skipped(Path)
    /// What was in its place is gone.
    case removed(Path)
    /// A backup has its name back, since what it made room for could not be made.
    case restored(Path, Path)
}
