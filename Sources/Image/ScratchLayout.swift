import FileTree
public import SystemCalls

/// An image layout that exists as long as this value, in a directory that no other user can change. If the run is
/// killed, the next one removes the layout.
public struct ScratchLayout: ~Copyable {
    /// The layout.
    public let layout: ImageLayout
    private let directory: ScratchDirectory

    /// A layout in a new directory below the path.
    public init(in path: Path) throws(PathError) {
        let directory = try ScratchDirectory(in: path)
        layout = try ImageLayout(temporary: directory.open, path.appending(directory.name))
        self.directory = directory
    }
}

/// A new directory that exists as long as this value. A user who may write to its parent can rename it and put another
/// directory in its place, so that it is reached by its descriptor only.
private final class ScratchDirectory {
    let name: Name
    let open: Directory
    private let parent: Directory
    private let staging: StagingArea

    init(in path: Path) throws(PathError) {
        let parent: Directory
        do throws(Errno) { parent = try Directory.current.openDirectory(Name(path)) } catch {
            throw .failed("cannot open", path, error)
        }
        try StagingArea.sweep(parent, path)
        let staging = StagingArea(parent)
        do throws(Errno) {
            name = try staging.temporaryName()
            open = try Self.make(name, in: parent)
        } catch {
            try? staging.close()
            throw .failed("cannot create a directory for layers in", path, error)
        }
        (self.parent, self.staging) = (parent, staging)
    }

    private static func make(_ name: Name, in parent: Directory) throws(Errno) -> Directory {
        try parent.makeDirectory(name, .ownerAll)
        do throws(Errno) {
            let directory = try parent.openDirectory(name, .noFollow)
            guard try isOwn(directory, in: parent) else { throw .accessDenied }
            return directory
        } catch {
            try? parent.removeDirectory(name)
            throw error
        }
    }

    /// Whether the directory has the owner of the caller's new entries and is closed to others. A file system may change
    /// the owners and modes of new entries, as vfat and NFS do.
    private static func isOwn(_ directory: Directory, in parent: Directory) throws(Errno) -> Bool {
        let found = try directory.metadata()
        if found.owner.user == ProcessState.effectiveOwner.user, found.mode.isPrivate { return true }
        // Unlike a directory, a file is created and opened in one step.
        let own = try parent.createTransient().metadata()
        return found.owner.user == own.owner.user && (found.mode.isPrivate || !own.mode.isPrivate)
    }

    /// Entries that cannot be removed are removed by the next run.
    deinit {
        var removal = TreeRemoval()
        // The layout has not listed this description of the directory.
        if let entries = try? open.openDirectory(Name(".")) { try? removal.removeEntries(of: entries) }
        try? parent.removeDirectory(name)
        try? staging.close()
    }
}

extension FileMode {
    fileprivate var isPrivate: Bool { isDisjoint(with: FileMode(rawValue: 0o077)) }
}
