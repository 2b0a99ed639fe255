import FileTree
public import SystemCalls

/// An image layout that is there for a while, and goes with this value.
public struct ScratchLayout: ~Copyable {
    /// The layout.
    public let layout: ImageLayout
    private let folder: Directory
    private let name: Name

    /// One in that folder.
    public init(in path: Path) throws(PathError) {
        let name = Name.temporary()
        let place = path.appending(name)
        let folder: Directory
        do throws(Errno) {
            folder = try Directory.current.openDirectory(Name(path), [])
            try folder.makeDirectory(name, FileMode(rawValue: 0o700))
        } catch { throw .failed("cannot create a folder for layers in", path, error) }
        let layout: ImageLayout
        do throws(PathError) { layout = try ImageLayout(place, makes: true) } catch {
            var removal = TreeRemoval()
            try? removal.remove(name, in: folder)
            throw error
        }
        (self.layout, self.folder, self.name) = (layout, folder, name)
    }

    deinit {
        var removal = TreeRemoval()
        try? removal.remove(name, in: folder)
    }
}
