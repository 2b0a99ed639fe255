public import SystemCalls

/// One thing that an archive holds.
public struct ArchiveItem: Sendable, Hashable {
    /// Where it comes from.
    public enum Content: Sendable, Hashable {
        /// A directory of the archive's own.
        case directory(mode: UInt32)
        /// A directory that exists below the layer, with its own metadata.
        case existingDirectory(DirectoryMetadata)
        /// A symlink of the archive's own.
        case symlink(target: Path)
        /// A regular file of the archive's own.
        case file([UInt8], mode: UInt32)
        /// An empty file that removes an entry of the layers below: a whiteout. Its name begins with `.wh.`.
        case removal
        /// A regular file that has the content of a file on disk.
        case content(of: ContentFile, mode: UInt32)
        /// What is on disk there, with all that is below it.
        case tree(Path)

        /// Whether other items may lie below this one.
        package var isDirectory: Bool {
            switch self {
            case .directory, .existingDirectory: true
            case .symlink, .file, .removal, .content, .tree: false
            }
        }
    }

    /// Its name in the archive, relative and without `..`; `.` for a tree that becomes the root itself.
    public let path: Path
    /// What it is.
    public let content: Content
    /// What of a tree is left out, with all below it: paths from its root.
    public let excluded: Set<Path>

    /// An entry under a name.
    public init(_ path: Path, _ content: Content, excluding excluded: Set<Path> = []) {
        self.excluded = excluded
        self.path = path.components.isEmpty ? "." : path.components.reduce(Path([])) { $0.appending($1) }
        self.content = content
    }

    /// nil for a name that leads out of the archive, or is longer than can be told.
    var isValid: Bool { !path.components.contains("..") }
}

/// A file on disk that is opened relative to its directory, which may have been renamed meanwhile.
public struct ContentFile: Sendable, Hashable {
    let directory: Directory
    let name: Name
    /// The path of the file in messages.
    let path: Path

    package init(_ name: Name, in directory: Directory, _ path: Path) {
        self.directory = directory
        self.name = name
        self.path = path
    }

    /// Files are equal if they have the same name in the same open directory.
    public static func == (a: ContentFile, b: ContentFile) -> Bool {
        a.directory === b.directory && a.name == b.name
    }

    /// Hashes the open directory and the name.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(directory))
        hasher.combine(name)
    }
}

extension Path {
    /// The order in which a walk meets entries: component by component in byte order, a directory before what is in it.
    func walksBefore(_ other: Path) -> Bool {
        components.lexicographicallyPrecedes(other.components)
    }
}
