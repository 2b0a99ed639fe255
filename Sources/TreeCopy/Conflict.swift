import Synchronization
public import SystemCalls

/// What is in the way of a file at the destination, once it was decided what becomes of it.
enum Way: Sendable {
    /// Nothing is there, or nothing any more.
    case free
    /// A file, to be written into.
    case taken
    /// What is there stays, and that is no failure.
    case kept
}

/// The decision about an existing entry.
struct ConflictDecision {
    let way: Way
    /// The backup's name, if the existing entry was renamed.
    var backup: Name?
}

/// A file that is to be overwritten, as the user is asked about it.
public struct Question: Sendable {
    /// The destination.
    public let path: Path
    /// Its permission bits.
    public let mode: UInt32
    /// Whether this process may write to it.
    public let isWritable: Bool
    /// Whether it is removed if it cannot be opened.
    public let isReplaced: Bool
}

/// What is decided about an existing file, in the order in which GNU cp decides it.
extension Worker {
    /// Looks for an existing entry of that name, and makes room for the source as far as the options permit that.
    func meet(_ site: CopySite, _ source: Metadata) throws(Failure) -> ConflictDecision {
        let present: Metadata
        do throws(Errno) {
            present = try site.destination.metadata(of: site.name, following: follows(site, source))
        } catch { return ConflictDecision(way: try meet(nothingFor: error, site)) }
        try refuseCollision(site, source.kind.creation)
        let test = SameFile(site: site, options: run.options, source: source, present: present)
        let verdict = run.options.existing.overwriting == nil ? .harmless : test.verdict()
        if case .forbidden = verdict { throw sameFile(site) }
        if try stays(site, source, present) {
            run.onEvent?(.skipped(site.destinationPath))
            return ConflictDecision(way: .kept)
        }
        if case .done = verdict { return ConflictDecision(way: .kept) }
        if present.kind == .directory {
            // With backups GNU cp fails later, when it creates the file.
            if run.overwriting.backup != nil { return ConflictDecision(way: .taken) }
            throw .refused(
                "cannot overwrite directory \(site.destinationPath.quoted) with non-directory \(site.sourcePath.quoted)"
            )
        }
        try run.refuseJustCreated(site, present)
        if let backup = run.overwriting.backup, let name = try move(site, source, to: backup) {
            return ConflictDecision(way: .free, backup: name)
        }
        try refuseSharedAttributes(site, present)
        guard mustGo(site, source, present) else { return ConflictDecision(way: .taken) }
        try remove(site)
        return ConflictDecision(way: .free)
    }

    /// What was decided before, or is now.
    func way(_ site: CopySite, _ source: Metadata) throws(Failure) -> Way {
        if let way = site.way { return way }
        return try meet(site, source).way
    }

    /// Symlinks that lead round in a circle cannot be opened, and then are removed, where that is wanted.
    private func meet(nothingFor error: Errno, _ site: CopySite) throws(Failure) -> Way {
        if error == .loop, run.overwriting.isForced { return .taken }
        guard error == .notFound else { throw .failed(.inspect, error, .destination) }
        try run.refuseJustCreated(site, nil)
        return .free
    }

    /// Something of another kind than a plain file takes the place of a symlink, which a plain file is written through.
    private func follows(_ site: CopySite, _ source: Metadata) -> Bool {
        guard site.parent == nil || run.options.actsAsGNU else { return false }
        let isPlain = source.kind == .regular || !run.options.copiesSpecialFiles && source.kind != .symlink
        let isLink = run.options.strategy == .hardlink || run.options.strategy == .symlink
        return isPlain && !isLink && run.overwriting.backup == nil && !run.overwriting.removesFirst
    }

    private func stays(_ site: CopySite, _ source: Metadata, _ present: Metadata) throws(Failure) -> Bool {
        switch run.options.existing {
        case .skip: return true
        case .decline:
            throw .refused("not replacing \(site.destinationPath.quoted)")
        case .refuse: throw .failed(.create, .exists, .destination)
        case .overwrite(let overwriting):
            if overwriting.onlyOlder, try !isNewer(source, than: present, site) {
                try linkUpToDate(site, source)
                return true
            }
            return !confirms(site, present, overwriting)
        }
    }

    /// Asks the user. A refusal is a failure without a message, as POSIX specifies for `cp -i`.
    private func confirms(
        _ site: CopySite, _ present: Metadata, _ overwriting: Overwriting
    ) -> Bool {
        guard let confirm = run.confirm else { return true }
        let isConfirmed = confirm(
            Question(
                path: site.destinationPath, mode: present.mode.rawValue,
                isWritable: present.kind == .symlink || site.destination.mayWrite(site.name),
                isReplaced: overwriting.isForced || overwriting.removesFirst))
        if !isConfirmed { run.declined.add(1, ordering: .relaxed) }
        return isConfirmed
    }

    /// Gives the file its other name; nil where it has gone meanwhile, and for `.` and `..`, which cannot have one.
    private func move(_ site: CopySite, _ source: Metadata, to backup: Backup) throws(Failure) -> Name? {
        let last = Name(Path(site.sourceName.bytes).lastComponent)
        if [".", ".."].contains(Path(last.bytes)) { return nil }
        if backup.mayDestroy(source.identity, named: last, beside: site.name, in: site.destination) {
            throw .destroyingBackup(site.sourcePath, site.destinationPath)
        }
        do throws(Errno) {
            return try rename(site.name, in: site.destination, to: backup)
        } catch {
            if error == .notFound { return nil }
            throw .failed(.backUp, error, .destination)
        }
    }

    /// Makes room for a directory by a backup of the file that has its name; false where no backups are made.
    func backUp(_ task: DirectoryTask, in directory: Directory, _ source: Metadata) throws(Failure) -> Bool {
        let last = Name(Path(task.sourceName.bytes).lastComponent)
        guard let backup = run.overwriting.backup, ![".", ".."].contains(Path(last.bytes)) else { return false }
        let name = task.currentName
        if backup.mayDestroy(source.identity, named: last, beside: name, in: directory) {
            throw .destroyingBackup(task.sourcePath, task.destinationPath)
        }
        do throws(Errno) { _ = try rename(name, in: directory, to: backup) } catch {
            guard error == .notFound else { throw .failed(.backUp, error, .destination) }
        }
        return true
    }

    /// Renames the file to its backup. A numbered backup replaces nothing: another run may have found the same number.
    private func rename(_ old: Name, in directory: Directory, to backup: Backup) throws(Errno) -> Name {
        while true {
            let name = try backup.name(for: old, in: directory)
            if name == Name(old.bytes + backup.suffix.bytes) {
                try directory.rename(old, over: name)
                return name
            }
            do throws(Errno) {
                try directory.rename(old, toNew: name)
                return name
            } catch { guard error == .exists else { throw error } }
        }
    }

    /// One of its names may be in the store, and without content no file of its own can take its place.
    private func refuseSharedAttributes(_ site: CopySite, _ present: Metadata) throws(Failure) {
        guard run.options.onlyAttributes, present.links > 1, !run.options.writesIntoShared,
            !run.overwriting.removesFirst
        else { return }
        throw Failure(
            reason: .refused(
                "\(site.destinationPath.quoted) has other names, whose attributes would change with it; copy it first"),
            side: .destination)
    }

    /// Whether the file is removed rather than written into: asked for, or because it has other names, one of which may
    /// be in the store, or since what is made takes no content.
    private func mustGo(_ site: CopySite, _ source: Metadata, _ present: Metadata) -> Bool {
        if run.overwriting.removesFirst { return true }
        if present.kind == .symlink, !run.options.actsAsGNU, site.parent != nil { return true }
        if run.options.onlyAttributes { return false }
        let keepsShared = run.options.writesIntoShared && !run.options.preserve.contains(.links)
        if present.links > 1, present.kind == .regular || run.options.writesIntoShared, !keepsShared { return true }
        return source.kind == .symlink || (run.options.dereference == .never && source.kind != .regular)
    }

    /// What has gone meanwhile is as good as removed.
    func remove(_ site: CopySite) throws(Failure) {
        do throws(Errno) { try site.destination.unlink(site.name) } catch {
            if error == .notFound { return }
            throw .failed(.remove, error, .destination)
        }
        run.onEvent?(.removed(site.destinationPath))
    }

    /// Gives a backup its name back, where the file that it made room for could not be made.
    func takeBack(_ backup: Name, _ site: CopySite) {
        let saved = site.destinationPath.sibling(backup)
        do throws(Errno) {
            try site.destination.rename(backup, over: site.name)
            run.onEvent?(.restored(saved, site.destinationPath))
        } catch {
            run.add(CopyError(.failed(.restore, error), site.destinationPath), to: site.root, side: .destination)
        }
    }

    private func sameFile(_ site: CopySite) -> Failure {
        Failure(
            reason: .refused("\(site.sourcePath.quoted) and \(site.destinationPath.quoted) are the same file"),
            side: .destination)
    }
}

extension Failure {
    /// A rule of GNU cp forbids to change the destination.
    fileprivate static func refused(_ why: String) -> Failure { Failure(reason: .refused(why), side: .destination) }

    fileprivate static func destroyingBackup(_ source: Path, _ destination: Path) -> Failure {
        .refused("backing up \(destination.quoted) might destroy source;  \(source.quoted) not copied")
    }
}
