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
    /// The directory, where the caller holds it open already: nobody can swap it meanwhile.
    package var openDirectory: Directory?

    /// A source, the directory that receives it, its name there, and when it appears.
    public init(source: Path, directory: Path, name: Path, publication: Publication) {
        self.source = source
        self.directory = directory
        self.name = name
        self.publication = publication
    }

    /// The path that the root has in the end.
    public var destination: Path { directory == "." ? name : directory.appending(name) }
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
    /// Called on a worker after each entry with its source and destination, for `-v`; order is not defined.
    public var onEntry: (@Sendable (_ source: Path, _ destination: Path) -> Void)?

    /// A copy of these roots.
    public init(
        roots: [CopyRoot], options: CopyOptions, isCancelled: @escaping @Sendable () -> Bool = { false },
        onEntry: (@Sendable (Path, Path) -> Void)? = nil
    ) {
        self.roots = roots
        self.options = options
        self.isCancelled = isCancelled
        self.onEntry = onEntry
    }
}
