import FileTree
public import SystemCalls

/// An image layout that is there for a while, and goes with this value. That of a run that is killed goes with the next
/// one's beginning.
public struct ScratchLayout: ~Copyable {
    /// The layout.
    public let layout: ImageLayout
    private let folder: Directory
    private let staging: StagingArea
    private let name: Name

    /// One in that folder.
    public init(in path: Path) throws(PathError) {
        let (folder, staging, name) = try Self.make(in: path)
        var layout: ImageLayout
        do throws(PathError) { layout = try ImageLayout(path.appending(name), makes: true) } catch {
            Self.remove(name, in: folder, staging)
            throw error
        }
        layout.isTemporary = true
        (self.layout, self.folder, self.staging, self.name) = (layout, folder, staging, name)
    }

    private static func make(in path: Path) throws(PathError) -> (Directory, StagingArea, Name) {
        let folder: Directory
        do throws(Errno) { folder = try Directory.current.openDirectory(Name(path)) } catch {
            throw .failed("cannot open", path, error)
        }
        try StagingArea.sweep(folder, path)
        let staging = StagingArea(folder)
        do throws(Errno) {
            let name = try staging.temporaryName()
            try folder.makeDirectory(name, FileMode(rawValue: 0o700))
            return (folder, staging, name)
        } catch {
            try? staging.close()
            throw .failed("cannot create a folder for layers in", path, error)
        }
    }

    deinit { Self.remove(name, in: folder, staging) }

    /// What cannot be removed is left for the next run.
    private static func remove(_ name: Name, in folder: Directory, _ staging: StagingArea) {
        var removal = TreeRemoval()
        try? removal.remove(name, in: folder)
        try? staging.close()
    }
}
