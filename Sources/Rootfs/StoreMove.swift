import FileTree
import NixClosure
import SystemCalls
import TreeCopy

/// Renames store paths out of their store.
///
/// An ordinary user cannot give a directory that is closed to him another parent, since the kernel writes its `..`: it
/// is opened up, renamed, and shut again. Should the run be killed between, the sticky bit, which no store path has,
/// tells the next one.
struct StoreMove {
    private let scaffold: Scaffold
    private let source: Directory
    private let target: Directory

    init(_ store: Store, _ scaffold: Scaffold) throws(PathError) {
        self.scaffold = scaffold
        target = try scaffold.store
        do throws(Errno) {
            source = try Directory.current.openDirectory(Name(store.physicalDirectory))
        } catch { throw .failed("cannot open", store.physicalDirectory, error) }
    }

    /// Returns false if the store path has to be copied: it lies on another mount, is itself one, or the file system
    /// does not rename it. An incomplete store path of that name is replaced.
    func move(_ storePath: StorePath) throws(PathError) -> Bool {
        let name = Name(storePath.baseName)
        do throws(Errno) {
            do throws(Errno) { try rename(name) } catch {
                guard error == .exists else { throw error }
                try removeExisting(name)
                try rename(name)
            }
        } catch {
            if !error.isFatal, error != .exists { return false }
            throw .failed("cannot move into place", scaffold.storePath.appending(storePath.baseName), error)
        }
        try shut(storePath)
        return true
    }

    /// Removes the entry under a temporary name, so that no part of it is ever seen under its own.
    private func removeExisting(_ name: Name) throws(Errno) {
        let staging = StagingArea(target)
        let aside = try staging.temporaryName()
        do throws(Errno) {
            try target.rename(name, over: aside)
            var removal = TreeRemoval()
            try removal.remove(aside, in: target)
        } catch {
            // The failure is reported; a name that cannot be removed as well is removed by a later run.
            try? staging.close()
            throw error
        }
        try staging.close()
    }

    private func rename(_ name: Name) throws(Errno) {
        do throws(Errno) { return try source.renameToNew(name, name, in: target) } catch {
            guard error == .accessDenied else { throw error }
        }
        let metadata = try source.metadata(of: name, following: false)
        guard metadata.kind == .directory else { throw .accessDenied }
        try source.openDirectory(name, .noFollow).setMode(metadata.mode.union(Self.opened))
        do throws(Errno) { try source.renameToNew(name, name, in: target) } catch {
            // The failure is the news; a mode that cannot be set as well is set by a later run.
            try? Self.shut(name, in: source)
            throw error
        }
    }

    private static let opened: FileMode = [.sticky, FileMode(rawValue: 0o200)]

    /// Shuts what this run, or one that was killed, has opened up.
    func shut(_ storePath: StorePath) throws(PathError) {
        do throws(Errno) { try Self.shut(Name(storePath.baseName), in: target) } catch {
            if error == .notFound { return }
            throw .failed("cannot shut again", scaffold.storePath.appending(storePath.baseName), error)
        }
    }

    private static func shut(_ name: Name, in directory: Directory) throws(Errno) {
        let metadata = try directory.metadata(of: name, following: false)
        guard metadata.kind == .directory, metadata.mode.isSuperset(of: opened) else { return }
        try directory.openDirectory(name, .noFollow).setMode(metadata.mode.subtracting(opened))
    }
}
