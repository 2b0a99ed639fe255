public import SystemCalls

/// An existing root file system to which the entries are added, such as that of a base image.
public struct RootfsBase {
    /// An existing entry.
    public enum Entry {
        /// A directory.
        case directory
        /// A symlink that leads to this directory.
        case link(to: Path)
        /// An entry that cannot contain others: the text describes it, such as "a file". The location is the path to
        /// which a symlink leads if no directory exists there; nil for other entries.
        case other(String, location: Path?)
    }

    /// Returns the entry at a path that leads through no symlink; nil if there is none.
    let entry: (Path) -> Entry?

    /// Creates a root file system from a function that returns its entries.
    public init(_ entry: @escaping (Path) -> Entry?) { self.entry = entry }
}

/// A path of the root file system, and its location in the base.
struct RootfsSite {
    /// The path before the symlinks of the base are followed, for messages.
    let path: Path
    /// The path after the symlinks of the base were followed.
    let location: Path
    /// Whether the base has the directory that contains it.
    let isInBase: Bool

    /// The site of the root.
    static let root = RootfsSite(path: Path([]), location: Path([]), isInBase: true)

    func appending(_ name: Path) -> RootfsSite {
        RootfsSite(path: path.appending(name), location: location.appending(name), isInBase: isInBase)
    }

    func moved(to location: Path, isInBase: Bool) -> RootfsSite {
        RootfsSite(path: path, location: location, isInBase: isInBase)
    }
}
