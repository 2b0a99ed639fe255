import FileTree
import NixClosure
import SystemCalls
import TreeCopy

/// A store's directory while some of its entries are replaced. In the end it is as it was: it keeps its mode and time.
struct RepairSite: ~Copyable {
    let path: Path
    let directory: Directory
    private let staging: StagingArea
    /// Held as long as this is open.
    private let lock: Descriptor
    private let before: Metadata

    /// Opens the directory, up too where it is read-only and the caller's, and sweeps it.
    init(_ store: Store) throws(PathError) {
        let path = store.physicalDirectory
        let directory = try Self.open(store)
        let lock = try Self.lock(directory, path)
        let (before, staging) = try Self.begin(directory, path)
        (self.path, self.directory, self.before, self.staging) = (path, directory, before, staging)
        self.lock = lock
    }

    private static func begin(_ directory: Directory, _ path: Path) throws(PathError) -> (Metadata, StagingArea) {
        do throws(Errno) {
            let before = try directory.metadata()
            let isCallers = before.owner.user == ProcessState.effectiveOwner.user
            if isCallers, !before.mode.isSuperset(of: .ownerAll) {
                try directory.setMode(before.mode.union(.ownerAll))
            }
            let staging = StagingArea(directory)
            try staging.sweep()
            return (before, staging)
        } catch { throw .failed("cannot write to", path, error) }
    }

    /// Nothing is followed below the root: a symlink there means something in the container, and who knows what here.
    private static func open(_ store: Store) throws(PathError) -> Directory {
        var here = store.root ?? "/"
        do throws(Errno) {
            var directory = try Directory.current.openDirectory(Name(here))
            for name in store.directory.components {
                here = here.appending(name)
                directory = try directory.openDirectory(Name(name), .noFollow)
            }
            return directory
        } catch {
            guard error == .notDirectory else { throw .failed("cannot open", here, error) }
            throw PathError(
                here, "\(here.quoted) is no directory: what a symlink leads to is not repaired; stage it anew", error)
        }
    }

    /// Locks the directory: the second of two simultaneous repairs would restore the time that the first one gave it.
    /// Some file systems have no flock(2): then there is no lock.
    private static func lock(_ directory: Directory, _ path: Path) throws(PathError) -> Descriptor {
        do throws(Errno) {
            let file = try directory.openFile(Name("."))
            do throws(Errno) { if try file.tryLock() { return file } } catch {
                if error.isFatal { throw error }
                return file
            }
        } catch { throw .failed("cannot lock", path, error) }
        throw PathError(path, "another run repairs \(path.quoted): wait for it, and verify again")
    }

    func temporaryName() throws(PathError) -> Name {
        do throws(Errno) { return try staging.temporaryName() } catch { throw .failed("cannot write to", path, error) }
    }

    /// Puts a new entry in the place of an old one, and removes that; or the new one, where that cannot be done.
    func swap(_ new: Name, for old: Name) throws(PathError) {
        let wasThere: Bool
        do throws(Errno) { wasThere = try exchange(new, with: old) } catch {
            // The failure is the news; what cannot be removed now, the next run sweeps.
            try? remove(from: new)
            throw .failed("cannot replace", path.appending(old), error)
        }
        if wasThere { try remove(new) }
    }

    func remove(_ name: Name) throws(PathError) {
        do throws(Errno) { try remove(from: name) } catch {
            throw .failed("cannot remove", path.appending(name), error)
        }
    }

    private func remove(from name: Name) throws(Errno) {
        var removal = TreeRemoval()
        try removal.remove(name, in: directory)
    }

    /// Returns false if there was no old one. Where two names cannot be exchanged, the old one is moved aside first; a
    /// crash between the two renames leaves neither under its name, and the next repair finds it missing.
    private func exchange(_ new: Name, with old: Name) throws(Errno) -> Bool {
        do throws(Errno) {
            try directory.exchange(new, with: old)
            return true
        } catch {
            if error == .notFound { return try place(new, as: old) }
            if error == .crossesMount { return try placeInOverlay(new, as: old) }
            if error.isFatal { throw error }
        }
        let aside = try staging.temporaryName()
        try directory.rename(old, over: aside)
        do throws(Errno) { try directory.rename(new, over: old) } catch {
            // The failure is reported; without its name the old one is missing, and the next repair rebuilds it.
            try? directory.rename(aside, over: old)
            throw error
        }
        try directory.rename(aside, over: new)
        return true
    }

    /// An overlay renames no directory of a lower layer: the damaged one has to go first. Should the run end in
    /// between, the next repair finds it damaged or missing.
    private func placeInOverlay(_ new: Name, as name: Name) throws(Errno) -> Bool {
        try remove(from: name)
        return try place(new, as: name)
    }

    /// Nothing has the name.
    private func place(_ new: Name, as name: Name) throws(Errno) -> Bool {
        try directory.renameToNew(new, name)
        return false
    }

    /// Gives the temporary names up, and the directory its mode and time back.
    consuming func close() throws(PathError) {
        do throws(Errno) {
            try staging.close()
            try directory.setTimes(accessed: before.accessed, modified: before.modified)
            if try directory.metadata().mode != before.mode { try directory.setMode(before.mode) }
        } catch { throw .failed("cannot finish", path, error) }
    }
}
