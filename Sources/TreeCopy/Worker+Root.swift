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

    /// Gives a root that is not there yet a temporary name. False when a whole root is there.
    private func stage(_ root: RootTask, _ kind: FileKind) throws(Failure) -> Bool {
        let publication = root.request.publication
        guard publication == .whole || (publication == .whenDone && kind == .directory) else { return true }
        let target = try root.target.opened()
        do throws(Errno) {
            _ = try target.directory.metadata(of: root.finalName, following: false)
            if publication == .whole { tally.skipped.increment() }
            return publication != .whole
        } catch {
            guard error == .notFound else { throw .failed(.inspect, error, .destination) }
        }
        root.stage(
            as: try attempt(kind == .directory ? .makeDirectory : .create, .destination) { () throws(Errno) in
                try target.staging.temporaryName()
            })
        return true
    }

    /// Everything below the root is through: it gets its name, unless it has to be removed.
    func finish(_ root: RootTask) {
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

    /// When another run has published the same whole root meanwhile, that one stays and ours is removed.
    private func publish(_ root: RootTask, in target: Directory) throws(Failure) {
        do throws(Errno) {
            try root.publish { name throws(Errno) in try target.renameToNew(name, root.finalName) }
        } catch {
            guard error == .exists, root.request.publication == .whole else {
                throw .failed(.publish, error, .destination)
            }
        }
    }
}
