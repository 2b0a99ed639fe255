import SystemCalls

/// What is in a destination already.
struct DestinationState {
    private let path: Path
    private let directory: Directory?
    var exists: Bool { directory != nil }

    /// A directory, or nothing in a directory that exists.
    init(_ path: Path) throws(RootfsError) {
        self.path = path
        do throws(Errno) {
            directory = try Directory.current.openDirectory(Name(path), [])
        } catch {
            guard error == .notFound else { throw .failed("cannot open the destination", path, error) }
            directory = nil
            try Self.requireParent(of: path)
        }
    }

    private static func requireParent(of path: Path) throws(RootfsError) {
        do throws(Errno) { _ = try Directory.current.openDirectory(Name(path.parent), []) } catch {
            throw RootfsError(
                path.parent, "cannot make '\(path)': its parent '\(path.parent)': \(error.message); make it first",
                error)
        }
    }

    func requireDirectoryOrNothing(_ relative: Path) throws(RootfsError) {
        guard let kind = try metadata(relative)?.kind, kind != .directory else { return }
        throw RootfsError(
            relative, "'\(path.appending(relative))' is in the way: a directory is needed there; remove it first")
    }

    /// Whether exactly this symlink is there; anything else in its place is a conflict.
    func has(_ link: RootfsSymlink) throws(RootfsError) -> Bool {
        guard let directory, let metadata = try metadata(link.path) else { return false }
        let place = path.appending(link.path)
        guard metadata.kind == .symlink else {
            throw RootfsError(link.path, "'\(place)' is in the way of a symlink; remove it first")
        }
        do throws(Errno) {
            let target = Path(try directory.readLink(Name(link.path)).bytes)
            if target == link.target { return true }
            throw Errno.exists
        } catch {
            guard error == .exists else { throw .failed("cannot read symbolic link", place, error) }
            throw RootfsError(link.path, "'\(place)' is a symlink to something else; remove it first", error)
        }
    }

    /// The names in a directory; none where it is not there.
    func names(in relative: Path) throws(RootfsError) -> Set<Path> {
        guard let directory, try metadata(relative) != nil else { return [] }
        var names: Set<Path> = []
        do throws(Errno) {
            let listing = try directory.openDirectory(Name(relative), .noFollow)
            var entries = DirectoryEntries(capacity: 32768)
            while try entries.read(from: listing) {
                entries.forEach { names.insert(Path($0.name.bytes)) }
            }
            return names
        } catch { throw .failed("cannot read directory", path.appending(relative), error) }
    }

    private func metadata(_ relative: Path) throws(RootfsError) -> Metadata? {
        guard let directory else { return nil }
        do throws(Errno) { return try directory.metadata(of: Name(relative), following: false) } catch {
            if error == .notFound { return nil }
            throw .failed("cannot stat", path.appending(relative), error)
        }
    }
}
