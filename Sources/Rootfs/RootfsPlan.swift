public import NixClosure
public import SystemCalls

/// What has to be written so that a destination becomes the root file system: made before anything is, so that
/// conflicts cost nothing.
public struct RootfsPlan: Sendable {
    /// What the plan was made from.
    public let spec: RootfsSpec
    /// The destination itself has to be made.
    public let makesDestination: Bool
    /// Directories that repot adds or has added, from the root down; the store's is the last of its own.
    public let directories: [Path]
    /// Symlinks that are not there yet.
    public let symlinks: [RootfsSymlink]
    /// Store paths that are not there yet.
    public let missing: [StorePath]
    /// Staged names of runs that were killed lie in the store.
    let hasLeftovers: Bool

    /// The store's directory from the root of the file system, without a leading slash.
    public var storeDirectory: Path { Self.relative(spec.store.directory) }

    /// Looks at the destination.
    public init(_ spec: RootfsSpec) throws(RootfsError) {
        self.spec = spec
        let store = Self.relative(spec.store.directory)
        directories = try Self.directories(store, spec.symlinks)
        let destination = try DestinationState(spec.destination)
        makesDestination = !destination.exists
        try StoreGuard(spec).check(store, makesDestination: makesDestination)
        try Self.requirePermission(spec)
        for directory in directories { try destination.requireDirectoryOrNothing(directory) }
        var absent: [RootfsSymlink] = []
        for link in Set(spec.symlinks).sorted(by: { $0.path < $1.path }) where try !destination.has(link) {
            absent.append(link)
        }
        symlinks = absent
        let present = try destination.names(in: store)
        missing = spec.closure.storePaths.filter { !present.contains($0.baseName) }
        hasLeftovers = present.contains { $0.bytes.starts(with: ".repot-".utf8) }
    }

    /// An ordinary user cannot give files away: refused at once, since chown(2) would fail for each of them.
    private static func requirePermission(_ spec: RootfsSpec) throws(RootfsError) {
        let caller = ProcessState.effectiveOwner
        guard let owner = spec.owner, caller.user != 0 else { return }
        guard owner.user == caller.user, ProcessState.groups.contains(owner.group) else {
            throw RootfsError(
                spec.destination, "only root can stage '\(spec.destination)' for \(owner.user):\(owner.group)")
        }
    }

    /// Whether repot answers for all metadata of the directory: those on the way to the store.
    func isOwn(_ directory: Path) -> Bool { storeDirectory.hasPrefix(directory) }

    /// The store's directories and the parents of symlinks. Conflicts among what was asked for are found here.
    private static func directories(_ store: Path, _ links: [RootfsSymlink]) throws(RootfsError) -> [Path] {
        var targets: [Path: Path] = [:]
        for link in links {
            if let other = targets.updateValue(link.target, forKey: link.path), other != link.target {
                throw RootfsError(link.path, "the symlink '/\(link.path)' is asked for twice, with two targets")
            }
        }
        var directories = ancestors(of: store) + [store]
        for link in links { directories += ancestors(of: link.path) }
        for directory in directories where targets[directory] != nil {
            throw RootfsError(directory, "'/\(directory)' cannot be a symlink: something else lies in it")
        }
        for link in links where link.path.hasPrefix(store) {
            throw RootfsError(link.path, "'/\(link.path)' is in the store, which holds store paths only")
        }
        return Set(directories).sorted()
    }

    private static func ancestors(of path: Path) -> [Path] {
        let components = path.components
        return components.indices.dropFirst().map { end in
            components[..<end].reduce(Path([])) { $0.appending($1) }
        }
    }

    private static func relative(_ path: Path) -> Path { path.components.reduce(Path([])) { $0.appending($1) } }

    /// What would be written, a line each.
    public var lines: [String] {
        let store = "/\(storeDirectory)"
        return directories.map { "directory /\($0)" } + missing.map { "store path \(store)/\($0)" }
            + symlinks.map { "symlink /\($0.path) -> \($0.target)" }
    }
}

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
