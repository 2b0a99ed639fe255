import NixClosure
import SystemCalls

/// The store is never changed: it must be neither the destination's own store nor around the destination. Compared
/// by inode, since symlinks, bind mounts and a store's root give it other paths.
struct StoreGuard {
    private let store: Store
    private let destination: Path

    init(_ spec: RootfsSpec) {
        store = spec.store
        destination = spec.destination
    }

    /// Throws where staging would write into the store.
    func check(_ storeDirectory: Path, makesDestination: Bool) throws(PathError) {
        guard let identity = try identity(of: store.physicalDirectory) else { return }
        var isStore = try self.identity(of: destination.appending(storeDirectory)) == identity
        var above = makesDestination ? destination.parent : destination
        var seen: Set<FileIdentity> = []
        while !isStore, let directory = try self.identity(of: above), seen.insert(directory).inserted {
            isStore = directory == identity
            above = above.appending("..")
        }
        guard isStore else { return }
        throw PathError(
            destination,
            "staging into \(destination.quoted) would change the store \(store.physicalDirectory.quoted); "
                + "name another destination"
        )
    }

    /// nil where nothing is.
    private func identity(of path: Path) throws(PathError) -> FileIdentity? {
        do throws(Errno) { return try Directory.current.metadata(of: Name(path), following: true).identity } catch {
            if error == .notFound || error == .notDirectory { return nil }
            throw .failed("cannot stat", path, error)
        }
    }
}
