public import NixClosure
public import SystemCalls

/// What is in a store's directory.
public struct StoreListing: Sendable {
    /// The store paths, in byte order.
    public let storePaths: [StorePath]
    /// What runs of repot have under temporary names.
    let leftovers: [Path]
    /// Everything else.
    let others: [Path]

    /// Nix's own folder of links to files of equal content.
    private static let links: Path = ".links"

    /// Lists the directory.
    public init(of store: Store) throws(PathError) {
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
        storePaths = names.compactMap { StorePath(baseName: $0) }
        let rest = names.filter { StorePath(baseName: $0) == nil && $0 != Self.links }
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
