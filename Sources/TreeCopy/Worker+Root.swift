import FileTree
import Synchronization
import SystemCalls

extension Worker {
    /// Looks at an operand and begins to copy it.
    mutating func begin(_ root: RootTask) {
        do throws(Failure) {
            guard !run.isOver, try prepare(root) else { return finish(root) }
        } catch {
            run.add(
                CopyError(error.reason, error.side == .source ? root.request.source : root.request.shownDestination),
                to: root, side: error.side)
            finish(root)
        }
    }

    /// False when the root is through already: a file, or a whole root that was there.
    private mutating func prepare(_ root: RootTask) throws(Failure) -> Bool {
        let source = try root.base(.source)
        let name = Name(root.request.source)
        let follows = run.options.dereference != .never
        let seen = try attempt(.inspect, .source) { () throws(Errno) in
            try root.request.look(following: follows)
        }
        if seen.kind == .directory, run.options.isRecursive { try refuseInside(root, seen.identity) }
        guard try stage(root, seen.kind) else { return false }
        if seen.kind == .directory, run.options.isRecursive {
            try look(at: root)
            open(DirectoryTask(parent: nil, root: root, sourceName: name, name: root.finalName, follows: follows))
            return true
        }
        let target = try root.base(.destination)
        let ladder = ladder(
            of: seen.volume, name, in: source, following: follows, to: target, root.target.metadata.volume,
            example: root.request.source.parent)
        copy(
            seen.kind,
            CopySite(
                pair: DirectoryPair(
                    source: source, destination: target, parent: nil, root: root, ladder: ladder, rule: nil),
                sourceName: name, name: root.currentName, follows: follows))
        return false
    }

    /// GNU cp looks at what has the name before it makes a directory, and so says other words.
    private func look(at root: RootTask) throws(Failure) {
        guard run.options.actsAsGNU else { return }
        do throws(Errno) {
            _ = try Directory.current.metadata(of: Name(root.request.shownDestination), following: false)
        } catch {
            if error == .notFound { return }
            throw .failed(.inspect, error, .destination)
        }
    }

    /// A directory is not copied into itself, and not onto itself.
    private func refuseInside(_ root: RootTask, _ source: FileIdentity) throws(Failure) {
        let target = try root.base(.destination)
        let isOnto = (try? target.metadata(of: root.finalName, following: true).identity) == source
        let isInto = try root.target.isWithin(source)
        guard isOnto || isInto else { return }
        let (from, to) = (root.request.source, root.request.shownDestination)
        let why =
            isOnto
            ? "\(from.quoted) and \(to.quoted) are the same file"
            : "cannot copy a directory, \(from.quoted), into itself, \(to.quoted)"
        throw Failure(reason: .refused(why), side: .source)
    }

    /// Gives a root a temporary name unless it is written in place. Returns false if a complete root exists.
    private func stage(_ root: RootTask, _ kind: FileKind) throws(Failure) -> Bool {
        let publication = root.request.publication
        guard publication == .whole || (publication == .whenDone && (kind == .directory || run.options.syncs))
        else { return true }
        let target = try root.target.opened()
        do throws(Errno) {
            let present = try target.directory.metadata(of: root.finalName, following: false)
            if publication == .whenDone { return true }
            if try staysAsItIs(root, present, in: target.directory) {
                tally.skipped.increment()
                return false
            }
        } catch {
            guard error == .notFound else { throw .failed(.inspect, error, .destination) }
        }
        if publication == .whenDone {
            // In an append-only directory, nothing that was made can be renamed or removed.
            guard !root.target.metadata.isImmutable, let name = target.staging.renamableName() else { return true }
            root.stage(as: name)
        } else {
            root.stage(
                as: try attempt(kind == .directory ? .makeDirectory : .create, .destination) { () throws(Errno) in
                    try target.staging.temporaryName()
                })
        }
        return true
    }

    /// Whether an existing atomic root stays: it is complete, or the options forbid to replace anything. A root
    /// that was written before the machine was started is compared with its source.
    private func staysAsItIs(
        _ root: RootTask, _ present: Metadata, in target: Directory
    ) throws(Errno) -> Bool {
        switch run.options.existing {
        case .skip, .decline: return true
        case .refuse, .overwrite: break
        }
        let source = try Directory.current.metadata(
            of: Name(root.request.source), following: run.options.dereference != .never)
        if source.identity == present.identity { return true }
        guard run.options.isComplete(present, copyOf: source) else { return false }
        return run.options.isFromThisBoot(changed: present.changed) || isUndamaged(root, present, in: target)
    }

    /// Whether a root is equal to its source. If it is, its times are set to their present values, which updates its
    /// time of status change: the next run does not compare it again.
    private func isUndamaged(_ root: RootTask, _ present: Metadata, in target: Directory) -> Bool {
        let comparison = TreeComparison(run.options, excluded: root.request.excluded) { [run] in
            run.pool.considerOthers()
            return run.isOver
        }
        guard comparison.isEqual(root.finalName, in: target, to: Name(root.request.source), in: .current) else {
            return false
        }
        // If this fails, the next run compares the root again.
        try? target.renewStatusChange(of: root.finalName, present)
        return true
    }

    /// Ends a root after all entries below it. It gets its name, unless its content has to be on disk first.
    func finish(_ root: RootTask) {
        if run.durability == nil { conclude(root) }
    }

    /// Gives a root its name, unless it has to be removed.
    func conclude(_ root: RootTask) {
        defer { run.errorOrder?.finish(root.request.number) }
        let failures = root.failures.load(ordering: .relaxed)
        guard !run.isOver, failures == 0 || root.request.publication != .whole else { return }
        do throws(Failure) {
            try publish(root, in: try root.base(.destination))
            if failures == 0 { run.finishedRoots.add(1, ordering: .relaxed) }
        } catch {
            // Where the root itself could not be made, that was said, and there is nothing to rename.
            if failures > 0, error.reason == .failed(.publish, .notFound) { return }
            run.add(CopyError(error.reason, root.request.shownDestination), to: root, side: .destination)
        }
    }

    /// Renames the root. If another run has published the same atomic root meanwhile, that one stays and this one is
    /// removed; an incomplete one is replaced.
    private func publish(_ root: RootTask, in target: Directory) throws(Failure) {
        do throws(Errno) {
            return try root.publish { name throws(Errno) in
                try target.renameToNew(name, root.finalName)
                return nil
            }
        } catch {
            guard error == .exists, root.request.publication == .whole else {
                throw .failed(.publish, error, .destination)
            }
        }
        let staging = try root.target.opened().staging
        try attempt(.publish, .destination) { () throws(Errno) in
            let present = try target.metadata(of: root.finalName, following: false)
            if try staysAsItIs(root, present, in: target) { return }
            try root.publish { name throws(Errno) in try staging.replace(root.finalName, by: name) }
            run.onEvent?(.removed(root.request.shownDestination))
        }
    }
}
