public import NixClosure
public import SystemCalls

/// The entries of a store's directory.
public struct StoreListing: Sendable {
    /// The store paths, in byte order.
    public let storePaths: [StorePath]
    /// The entries with the temporary names of repot's runs.
    let leftovers: [Path]
    /// All other entries, except those that Nix itself creates there.
    let others: [Path]

    /// Lists the directory. An expected store path is listed even if it looks like a lock. The working files of an
    /// expected store path are recognised even if it is missing.
    public init(of store: Store, expecting expected: Set<StorePath> = []) throws(PathError) {
        let folder = store.physicalDirectory
        try Self.requireNoSymlink(on: store)
        var names: [Path] = []
        do throws(Errno) {
            let directory = try Directory.current.openDirectory(Name(folder))
            var entries = DirectoryEntries(capacity: 32768)
            while try entries.read(from: directory) { entries.forEach { names.append(Path($0.name.bytes)) } }
        } catch {
            guard error == .notFound || error == .notDirectory else { throw .failed("cannot list", folder, error) }
            let root = store.root ?? "/"
            throw PathError(
                root,
                "\(root.quoted) holds no store: there is no directory \(folder.quoted); name what was staged, "
                    + "and with --store the store's directory in it", error)
        }
        names.sort()
        let owners = expected.map(\.baseName)
        let working = WorkingFiles.names(among: names + owners, in: store).subtracting(owners)
        if !working.isEmpty { names.removeAll(where: working.contains) }
        storePaths = names.compactMap { StorePath(baseName: $0) }
        let rest = names.filter { StorePath(baseName: $0) == nil }
        leftovers = rest.filter { Name($0).isTemporary }
        others = rest.filter { !Name($0).isTemporary }
    }

    /// On the way to the store of a root file system a symlink would lead out of that, and elsewhere in a container.
    private static func requireNoSymlink(on store: Store) throws(PathError) {
        guard var path = store.root, !path.components.isEmpty else { return }
        for name in store.directory.components {
            path = path.appending(name)
            let metadata = try? Directory.current.metadata(of: Name(path), following: false)
            guard metadata?.kind != .symlink else {
                throw PathError(
                    path, "\(path.quoted) is a symlink: put the directory that the container shall have in its place")
            }
        }
    }

    /// Whom most of the store paths belong to: nil where there are none.
    public func usualOwner(in store: Store) throws(PathError) -> Ownership? {
        var counts: [Ownership: Int] = [:]
        for storePath in storePaths {
            let path = store.physicalPath(of: storePath)
            do throws(Errno) {
                counts[try Directory.current.metadata(of: Name(path), following: false).owner, default: 0] += 1
            } catch { throw .failed("cannot stat", path, error) }
        }
        return counts.max { ($0.value, $1.key.user, $1.key.group) < ($1.value, $0.key.user, $0.key.group) }?.key
    }
}
