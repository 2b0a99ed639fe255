import FileTree
import NixClosure
import SystemCalls
import TreeCopy

/// Creates the files and symlinks that repot adds.
struct EntryWriter {
    /// The way in which a file gets its name.
    private enum Publication { case new, replacing }

    /// The number of attempts to lock the destination, and the milliseconds after each.
    private static let (lockAttempts, lockPause) = (100, 10)

    let plan: RootfsPlan
    let touch: FinishingTouch
    let scaffold: Scaffold
    private var collisions = NameCollisions()

    init(_ plan: RootfsPlan, _ touch: FinishingTouch, in scaffold: Scaffold) {
        self.plan = plan
        self.touch = touch
        self.scaffold = scaffold
    }

    /// Creates the entries that do not exist. Existing ones get their metadata too: a killed run may have left one
    /// without.
    mutating func write(_ report: inout CopyReport, where isWanted: (RootfsEntry) -> Bool) {
        for entry in plan.plainEntries where !entry.isDirectory && isWanted(entry) {
            do throws(PathError) { try write(entry, &report) } catch { report.add(error) }
        }
    }

    private mutating func write(_ entry: RootfsEntry, _ report: inout CopyReport) throws(PathError) {
        let parent = try scaffold.directory(entry.path.parent)
        if case .symlink(let target) = entry.content, try !hasTarget(target) { return }
        if entry.path == Registration.path, plan.absent.contains(entry.path) {
            try makeRegistration(in: parent, &report)
        } else if plan.absent.contains(entry.path) {
            do throws(PathError) { try make(entry, in: parent, &report) } catch {
                // The same command may run twice at once: the second one finds the entries of the first.
                guard error.errno == .exists else { throw error }
                try requireDistinctName(entry, in: parent)
                guard try isThere(entry) else { throw error }
            }
        }
        let existing = try touch.apply(
            toEntry: Name(entry.path.lastComponent), in: parent, mode: entry.mode, scaffold.place(entry.path))
        try collisions.insert(entry.path, existing, in: plan.spec.destination)
    }

    /// Removes a file that earlier runs have written.
    func remove(_ path: Path, _ report: inout CopyReport) {
        do throws(PathError) {
            let parent = try scaffold.directory(path.parent)
            do throws(Errno) { try parent.unlink(Name(path.lastComponent)) } catch {
                if error != .notFound { throw .failed("cannot remove", scaffold.place(path), error) }
            }
        } catch { report.add(error) }
    }

    /// Throws if the name leads to another entry of this run.
    private mutating func requireDistinctName(_ entry: RootfsEntry, in parent: Directory) throws(PathError) {
        let existing: Metadata
        do throws(Errno) {
            existing = try parent.metadata(of: Name(entry.path.lastComponent), following: false)
        } catch { throw .failed("cannot stat", scaffold.place(entry.path), error) }
        try collisions.insert(entry.path, existing, in: plan.spec.destination)
    }

    private func make(_ entry: RootfsEntry, in parent: Directory, _ report: inout CopyReport) throws(PathError) {
        let name = Name(entry.path.lastComponent)
        switch entry.content {
        case .directory: break
        case .symlink(let target):
            try make(symlink: name, to: target, in: parent, entry.path)
            report.counts.symlinks += 1
        case .file(let bytes, let mode):
            try make(
                file: name, bytes, FileMode(rawValue: mode), plan.lost.contains(entry.path) ? .replacing : .new,
                in: parent, entry.path)
            report.count(bytes)
        }
    }

    /// Writes the registration, or extends the existing one, which another run may have written after the plan was
    /// made.
    private func makeRegistration(in parent: Directory, _ report: inout CopyReport) throws(PathError) {
        guard let registration = plan.contents.registration else { return }
        let lock = try lock(parent)
        defer { extendLifetime(lock) }
        let file = scaffold.place(Registration.path)
        let existing = try DestinationState(plan.spec.destination).content(Registration.path)
        let bytes = try registration.content(extending: existing ?? [], of: file)
        if bytes == existing { return }
        try make(
            file: Name(Registration.path), bytes, Registration.mode, existing == nil ? .new : .replacing, in: parent,
            Registration.path)
        report.count(bytes)
    }

    /// Locks the destination, so that of two simultaneous runs the second one extends the registration of the first.
    /// Returns nil if the file system refuses locks, and after a second: the lock may belong to a program that waits
    /// for this one, such as flock(1).
    private func lock(_ directory: Directory) throws(PathError) -> Descriptor? {
        do throws(Errno) {
            let file = try directory.openFile(Name("."))
            for _ in 0..<Self.lockAttempts {
                if try file.tryLock() { return file }
                pause(milliseconds: Self.lockPause)
            }
        } catch { if error.isFatal { throw .failed("cannot lock", plan.spec.destination, error) } }
        return nil
    }

    /// Whether the entry exists. Throws an error for any other entry in its place.
    private func isThere(_ entry: RootfsEntry) throws(PathError) -> Bool {
        var conflicts: [PathError] = []
        let comparison = try DestinationState(plan.spec.destination).comparison(
            with: [entry], time: touch.time, &conflicts)
        if let conflict = conflicts.first { throw conflict }
        return comparison.absent.isEmpty
    }

    private func make(symlink name: Name, to target: Path, in parent: Directory, _ path: Path) throws(PathError) {
        do throws(Errno) { try parent.symlink(name, to: Name(target)) } catch {
            throw .failed("cannot create symbolic link", scaffold.place(path), error)
        }
    }

    /// Writes the file under a temporary name, which a later run removes if this one is killed, and renames it.
    private func make(
        file name: Name, _ bytes: [UInt8], _ mode: FileMode, _ publication: Publication, in parent: Directory,
        _ path: Path
    ) throws(PathError) {
        let staging = StagingArea(parent)
        do throws(Errno) {
            let staged = try staging.temporaryName()
            do throws(Errno) {
                try fill(staged, bytes, mode, in: parent)
                switch publication {
                case .new: try parent.renameToNew(staged, name)
                case .replacing: try parent.rename(staged, over: name)
                }
            } catch {
                // The failure is reported. If the temporary name cannot be removed either, a later run removes it.
                try? parent.unlink(staged)
                try? staging.close()
                throw error
            }
            try staging.close()
        } catch { throw .failed("cannot write", scaffold.place(path), error) }
    }

    func fill(_ name: Name, _ bytes: [UInt8], _ mode: FileMode, in parent: Directory) throws(Errno) {
        let file = try parent.createFile(name, .ownerReadWrite)
        try file.removeInherited(.accessACL)
        try file.write(all: bytes)
        try file.setMode(mode)
        try file.setTimes(accessed: touch.time, modified: touch.time)
        if plan.spec.syncs { try file.sync() }
        try file.close()
    }

    /// A symlink to a store path that could not be staged is left out; the report names the store path.
    func hasTarget(_ target: Path) throws(PathError) -> Bool {
        let directory = plan.spec.store.directory
        let below = target.components.dropFirst(directory.components.count)
        guard target.hasPrefix(directory), let storePath = below.first else { return true }
        let store = try scaffold.store
        do throws(Errno) {
            _ = try store.metadata(of: Name(storePath), following: false)
            return true
        } catch {
            if error == .notFound { return false }
            throw .failed("cannot stat", scaffold.storePath.appending(storePath), error)
        }
    }
}

extension CopyReport {
    /// Counts a file that was written.
    fileprivate mutating func count(_ content: [UInt8]) {
        counts.copied += 1
        counts.bytes += Int64(content.count)
    }

    mutating func add(_ error: PathError) {
        errorCount += 1
        errors.append(CopyError(.refused(error.description), error.path))
    }

    mutating func add(warning: String, _ path: Path) {
        warningCount += 1
        warnings.append(CopyError(.refused(warning), path))
    }
}
