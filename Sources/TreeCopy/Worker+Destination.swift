import SystemCalls

/// A destination directory, made or found.
struct MadeDirectory {
    let directory: Directory
    let rule: CreationRule
    /// What it was before, when it was there.
    let existing: Metadata?
    /// Its volume, where it was looked at.
    let volume: Volume?
}

extension Worker {
    /// The mode with which a directory is made: the final mode with all permissions of the owner for the time in
    /// which children are made.
    ///
    /// Until the end, write permission of group and others is withheld, and every permission of theirs while the
    /// directory may have another owner or group than the source. Source: coreutils, cp/parent-perm-race.
    func makingMode(of source: Metadata, _ task: DirectoryTask) -> FileMode {
        let target = task.root.target
        let rule =
            task.parent?.opened?.rule
            ?? CreationRule(
                inside: target.metadata, hasDefaultACL: target.hasDefaultACL, caller: run.authority.caller,
                mask: run.mask)
        if rule.inheritsACL { return .ownerAll }
        let mode = run.options.mode(for: source).intersection(.permissions).union(.ownerAll)
        guard run.options.preserve.contains(.ownership) || run.options.owner != nil else {
            return mode.subtracting(.writeByOthers)
        }
        let isFinalOwner = (run.options.owner ?? source.owner) == rule.owner && !rule.inheritsSetGroup
        return isFinalOwner ? mode : .ownerAll
    }

    /// Makes the destination, or opens the one that is there, and finds out what it gives to its entries.
    func makeDestination(
        _ task: DirectoryTask, _ source: Metadata, _ attributes: [ExtendedAttribute]
    ) throws(Failure) -> MadeDirectory {
        let parent = try task.above(.destination)
        let making = makingMode(of: source, task)
        do throws(Errno) {
            try parent.makeDirectory(task.currentName, making)
        } catch {
            guard error == .exists else { throw .failed(.makeDirectory, error, .destination) }
            try refuseCollision(task, in: parent)
            if let existing = try openExisting(task, in: parent, source) { return existing }
            return try makeDestination(task, source, attributes)
        }
        let directory = try attempt(.open, .destination) { () throws(Errno) in
            try parent.openDirectory(task.currentName, .noFollow)
        }
        // The kernel passes group, setgid bit and default ACL on, and so the rule is the same one level down.
        guard let rule = task.parent?.opened?.rule else { return try observe(directory, task) }
        return MadeDirectory(directory: directory, rule: rule, existing: nil, volume: nil)
    }

    /// Finds out from the first directory of a root which owner, setgid bit and ACL the kernel gives here.
    private func observe(_ directory: Directory, _ task: DirectoryTask) throws(Failure) -> MadeDirectory {
        let made = try attempt(.inspect, .destination) { () throws(Errno) in try directory.metadata() }
        run.noteMadeForRoot(made.identity)
        let rule = CreationRule(
            owner: made.owner, inheritsSetGroup: made.mode.contains(.setGroup),
            inheritsACL: task.root.target.hasDefaultACL, mask: run.mask)
        return MadeDirectory(directory: directory, rule: rule, existing: nil, volume: made.volume)
    }

    /// Merges into an existing directory; nil if what has the name was renamed to a backup. A symlink to a directory
    /// counts as one where the options say so, and with a slash at its end.
    private func openExisting(
        _ task: DirectoryTask, in parent: Directory, _ source: Metadata
    ) throws(Failure) -> MadeDirectory? {
        let directory: Directory
        do throws(Errno) {
            directory = try parent.openDirectory(task.currentName, task.root.destinationOptions)
        } catch {
            // A symlink to nothing, with a slash behind it.
            if error == .notFound { throw .failed(.makeDirectory, .exists, .destination) }
            if error == .loop, task.root.destinationOptions != .noFollow {
                throw .failed(.inspect, error, .destination)
            }
            guard error == .notDirectory || error == .loop else { throw .failed(.open, error, .destination) }
            if try backUp(task, in: parent, source) { return nil }
            throw Failure(
                reason: .refused(
                    "cannot overwrite non-directory \(task.destinationPath.quoted) with directory \(task.sourcePath.quoted)"
                ),
                side: .destination)
        }
        let existing = try attempt(.inspect, .destination) { () throws(Errno) in try directory.metadata() }
        // Mounted here as well, the source itself would be given a new mode and time.
        guard existing.identity != source.identity else {
            throw Failure(
                reason: .refused("\(task.sourcePath.quoted) and \(task.destinationPath.quoted) are the same file"),
                side: .destination)
        }
        return try attempt(.inspect, .destination) { () throws(Errno) in
            if task.parent == nil { run.noteMadeForRoot(existing.identity) }
            if mustOpenUp(existing) {
                try directory.setMode(existing.mode.union(.ownerAll))
            }
            let rule = CreationRule(
                inside: existing, hasDefaultACL: directory.hasDefaultACL,
                caller: run.authority.caller, mask: run.mask)
            return MadeDirectory(directory: directory, rule: rule, existing: existing, volume: existing.volume)
        }
    }

    /// A 0555 directory of our own is open until its last child is there.
    func mustOpenUp(_ existing: Metadata) -> Bool {
        // GNU's cp respects what its owner has closed.
        if run.options.actsAsGNU { return false }
        return existing.owner.user == run.authority.caller.user && !existing.mode.isSuperset(of: .ownerAll)
    }

    /// The parent's ladder, unless one of the two volumes is another.
    func ladder(
        for task: DirectoryTask, _ source: Directory, _ metadata: Metadata, _ made: MadeDirectory
    ) -> StrategyLadder {
        let above = task.parent?.opened?.ladder
        let volume = made.volume ?? above?.destination ?? Volume(mount: 0, device: 0)
        if let above, above.source == metadata.volume, above.destination == volume { return above }
        run.durability?.add(made.directory, volume.device, task.destinationPath)
        return run.ladders.ladder(from: metadata.volume, to: volume, example: task.sourcePath) {
            StrategyLadders.Types(
                source: (try? source.fileSystemType()) ?? 0, destination: (try? made.directory.fileSystemType()) ?? 0)
        }
    }

    /// The ladder of a file that may lie elsewhere than its directory: an operand, or one that a symlink leads to.
    func ladder(
        of volume: Volume, _ name: Name, in source: Directory, following: Bool, to destination: Directory,
        _ other: Volume, example: Path
    ) -> StrategyLadder {
        run.ladders.ladder(from: volume, to: other, example: example) {
            let place = try? source.openFile(name, following ? .placeOnly : [.placeOnly, .noFollow])
            return StrategyLadders.Types(
                source: (try? place?.fileSystemType()) ?? 0, destination: (try? destination.fileSystemType()) ?? 0)
        }
    }

    /// A source directory that this run has made is the destination itself; one that is its own ancestor
    /// was reached through a symlink.
    func refuseCycles(_ task: DirectoryTask, _ identity: FileIdentity) throws(Failure) {
        if run.isMadeForRoot(identity) {
            throw Failure(
                reason: .refused(
                    "cannot copy a directory, \(task.root.request.source.quoted), into itself, "
                        + "\(task.root.request.shownDestination.quoted)"), side: .source)
        }
        guard task.follows else { return }
        var ancestor = task.parent
        while let above = ancestor {
            if above.opened?.metadata.identity == identity {
                throw Failure(
                    reason: .refused("cannot copy cyclic symbolic link \(task.sourcePath.quoted)"), side: .source)
            }
            ancestor = above.parent
        }
    }

    /// Source: `-x` compares devices as find(1) and cp do.
    func isMountPoint(_ task: DirectoryTask, _ metadata: Metadata) -> Bool {
        var top = task
        while let above = top.parent { top = above }
        let device = top === task ? metadata.identity.device : top.opened?.metadata.identity.device
        return device != metadata.identity.device
    }
}
