import FileTree
public import SystemCalls

/// An image layout that is there for a while, and goes with this value. That of a run that is killed goes with the next
/// one's beginning.
public struct ScratchLayout: ~Copyable {
    /// The layout.
    public let layout: ImageLayout
    private let directory: Directory
    private let staging: StagingArea
    private let name: Name

    /// One in that directory.
    public init(in path: Path) throws(PathError) {
        let (directory, staging, name) = try Self.make(in: path)
        var layout: ImageLayout
        do throws(PathError) { layout = try ImageLayout(path.appending(name), makes: true) } catch {
            Self.remove(name, in: directory, staging)
            throw error
        }
        layout.isTemporary = true
        (self.layout, self.directory, self.staging, self.name) = (layout, directory, staging, name)
    }

    private static func make(in path: Path) throws(PathError) -> (Directory, StagingArea, Name) {
        let directory: Directory
        do throws(Errno) { directory = try Directory.current.openDirectory(Name(path)) } catch {
            throw .failed("cannot open", path, error)
        }
        try StagingArea.sweep(directory, path)
        let staging = StagingArea(directory)
        do throws(Errno) {
            let name = try staging.temporaryName()
            try directory.makeDirectory(name, FileMode(rawValue: 0o700))
            return (directory, staging, name)
        } catch {
            try? staging.close()
            throw .failed("cannot create a directory for layers in", path, error)
        }
    }

    deinit { Self.remove(name, in: directory, staging) }

    /// What cannot be removed is left for the next run.
    private static func remove(_ name: Name, in directory: Directory, _ staging: StagingArea) {
        var removal = TreeRemoval()
        try? removal.remove(name, in: directory)
        try? staging.close()
    }
}
