import FileTree
import Synchronization
import SystemCalls

extension Worker {
    /// Opens both sides of a directory and begins to read it.
    mutating func open(_ task: DirectoryTask) {
        var isOpen = false
        if !run.isOver {
            do throws(Failure) {
                isOpen = try openBoth(task)
            } catch {
                if !copyAsOtherKind(task, error) { note(error, task) }
            }
        }
        if let parent = task.parent { childStarted(of: parent) }
        if isOpen { read(task) } else { finishReading(task) }
    }

    /// Copies an entry that is listed as a directory and is of another type. Returns false if it is a directory.
    private mutating func copyAsOtherKind(_ task: DirectoryTask, _ failure: Failure) -> Bool {
        guard failure.mayBeOtherKind, let parent = task.parent, let opened = parent.opened,
            let source = try? parent.source(), let destination = try? parent.destination(),
            let found = try? source.metadata(of: task.sourceName, following: task.follows), found.kind != .directory
        else { return false }
        let pair = DirectoryPair(
            source: source, destination: destination, parent: parent, root: task.root, ladder: opened.ladder,
            rule: opened.rule)
        copy(found.kind, CopySite(pair: pair, sourceName: task.sourceName, name: task.name, follows: task.follows))
        return true
    }

    /// Returns false if the directory stays empty, as a mount point does under `-x`.
    private mutating func openBoth(_ task: DirectoryTask) throws(Failure) -> Bool {
        let parentSource = try task.above(.source)
        let source: Directory
        do throws(Failure) {
            source = try run.openSource(.access, task.follows ? .none : .noFollow) { options throws(Errno) in
                try parentSource.openDirectory(task.sourceName, options)
            }
        } catch {
            if error.reason == .failed(.access, .accessDenied) { try makeEmpty(task, in: parentSource) }
            throw error
        }
        let metadata = try attempt(.inspect, .source) { () throws(Errno) in try source.metadata() }
        try refuseCycles(task, metadata.identity)
        let attributes = run.options.attributes(of: source) { note($0, task) }
        let made = try makeDestination(task, metadata, attributes)
        let ladder = ladder(for: task, source, metadata, made)
        task.open(
            source: source, destination: made.directory,
            OpenedDirectory(
                metadata: metadata, attributes: attributes, ladder: ladder, rule: made.rule,
                existing: made.existing))
        run.descriptors.opened(2)
        if run.parksTargets { task.root.target.park() }
        if made.existing == nil, let onEvent = run.onEvent {
            onEvent(.made(source: task.sourcePath, destination: task.destinationPath, backup: nil))
        }
        return !(run.options.staysOnFileSystem && isMountPoint(task, metadata))
    }

    /// What may not be read is made all the same, as cp does; its failure is told.
    private func makeEmpty(_ task: DirectoryTask, in parentSource: Directory) throws(Failure) {
        let metadata = try attempt(.inspect, .source) { () throws(Errno) in
            try parentSource.metadata(of: task.sourceName, following: task.follows)
        }
        let made = try makeDestination(task, metadata, [])
        let opened = OpenedDirectory(
            metadata: metadata, attributes: [],
            ladder: ladder(for: task, parentSource, metadata, made), rule: made.rule, existing: made.existing)
        if made.existing == nil, let onEvent = run.onEvent {
            onEvent(.made(source: task.sourcePath, destination: task.destinationPath, backup: nil))
        }
        apply(opened, to: made.directory, task)
    }

    /// Takes one batch after another, alone as long as the others have something to do: the kernel lets one caller at
    /// a time create in a directory, so two there are in each other's way. The rest of a large directory waits
    /// in the list while there are folders in it to go into first, which keeps the list short, and for a worker that
    /// has run out of work.
    mutating func read(_ task: DirectoryTask) {
        do throws(Failure) {
            guard let opened = task.opened else { return finishReading(task) }
            let pair = DirectoryPair(
                source: try task.source(), destination: try task.destination(), parent: task, root: task.root,
                ladder: opened.ladder, rule: opened.rule)
            if run.isOrdered { try pushInOrder(pair, task) }
            while !run.isOver, try attempt(.list, .source, { () throws(Errno) in try entries.read(from: pair.source) })
            {
                let follows = run.options.dereference == .always
                let leavesRest = entries.sort(into: &batch, following: follows) && entries.isFull
                if leavesRest || (entries.isFull && run.pool.isStarving) { offerRest(of: task) }
                copyBatch(between: pair)
                if leavesRest { break }
            }
        } catch {
            note(error, task)
        }
        finishReading(task)
    }

    /// All entries become jobs, which wait until it is their turn, with what is in them. By their inodes, as GNU cp
    /// goes through them.
    private mutating func pushInOrder(_ pair: DirectoryPair, _ task: DirectoryTask) throws(Failure) {
        var all: [DirectoryEntry] = []
        while try attempt(.list, .source, { () throws(Errno) in try entries.read(from: pair.source) }) {
            entries.forEach { all.append($0) }
        }
        if task.root.hasExclusions {
            let folder = task.relativePath
            all.removeAll { task.root.request.excluded.contains(folder.appending($0.name)) }
        }
        // The sort is stable: names of one inode stay as the directory has them. The last pushed is the first taken.
        for entry in all.sorted(by: { $0.inode < $1.inode }).reversed() {
            task.unstarted.add(1, ordering: .relaxed)
            push(.entry(task, entry))
        }
    }

    /// One of them. Both directories may have been closed meanwhile, in favour of deeper ones.
    mutating func copy(_ entry: DirectoryEntry, of task: DirectoryTask) {
        do throws(Failure) {
            if !run.isOver, let opened = task.opened {
                let pair = DirectoryPair(
                    source: try task.source(), destination: try task.destination(), parent: task, root: task.root,
                    ladder: opened.ladder, rule: opened.rule)
                let follows = run.options.dereference == .always
                copy(entry.kind, CopySite(pair: pair, sourceName: entry.name, name: entry.name, follows: follows))
            }
        } catch { note(error, task) }
        finishStarting(task)
    }

    /// Whoever takes it reads on where this worker, or the last of several, has stopped.
    private func offerRest(of task: DirectoryTask) {
        task.unstarted.add(1, ordering: .relaxed)
        task.readers.add(1, ordering: .relaxed)
        push(.read(task))
    }

    private mutating func copyBatch(between pair: DirectoryPair) {
        let follows = run.options.dereference == .always
        leaveOut(of: pair)
        readAhead.beginBatch()
        for (index, entry) in batch.enumerated() where !run.isOver {
            readAhead.prepare(batch, from: index, in: pair.source)
            copy(entry.kind, CopySite(pair: pair, sourceName: entry.name, name: entry.name, follows: follows))
            run.pool.considerOthers()
        }
    }

    /// Takes out of the batch what the caller wants to be left out.
    private mutating func leaveOut(of pair: DirectoryPair) {
        guard pair.root.hasExclusions, let folder = pair.parent?.relativePath else { return }
        batch.removeAll { pair.root.request.excluded.contains(folder.appending($0.name)) }
    }

    /// A reader or a child's opening is through. At the last one the source is closed.
    private func finishStarting(_ task: DirectoryTask) {
        guard task.unstarted.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
        run.descriptors.closed(task.releaseSource())
        finishChild(of: task)
    }

    private func finishReading(_ task: DirectoryTask) {
        task.readers.subtract(1, ordering: .releasing)
        // A child may have been opened before the last entry was read.
        if task.isPassed.load(ordering: .relaxed) { park(task) }
        finishStarting(task)
    }

    private func childStarted(of parent: DirectoryTask) {
        parent.isPassed.store(true, ordering: .relaxed)
        park(parent)
        finishStarting(parent)
    }

    private func park(_ task: DirectoryTask) {
        guard run.descriptors.shouldPark(depth: task.depth) else { return }
        do throws(Errno) {
            run.descriptors.closed(try task.park())
        } catch { note(.failed(.inspect, error, .destination), task) }
    }

    /// Something below the directory is done; with the last of it the directory is finished, and so on up.
    private func finishChild(of first: DirectoryTask) {
        var task = first
        while task.unfinished.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 {
            finish(task)
            guard let parent = task.parent else { return finish(task.root) }
            task = parent
        }
    }

    /// Applies the directory's own metadata, which no child can disturb any more.
    private func finish(_ task: DirectoryTask) {
        guard let opened = task.opened else { return }
        do throws(Failure) {
            if run.isOver { try shutAgain(task, opened) } else { try settle(task, opened) }
        } catch { note(error, task) }
        run.descriptors.closed(task.releaseAll())
    }

    /// What was there before a run that is given up gets the mode back that it had.
    private func shutAgain(_ task: DirectoryTask, _ opened: OpenedDirectory) throws(Failure) {
        guard let existing = opened.existing, mustOpenUp(existing) else { return }
        let destination = try task.destination()
        try attempt(.setMode, .destination) { () throws(Errno) in try destination.setMode(existing.mode) }
    }

    private func settle(_ task: DirectoryTask, _ opened: OpenedDirectory) throws(Failure) {
        let destination = try task.destination()
        if task.holdsFirstLinks.load(ordering: .relaxed) {
            try attempt(.inspect, .destination) { () throws(Errno) in
                try task.noteDestinationIdentity(destination)
            }
        }
        apply(opened, to: destination, task)
        if opened.existing == nil { tally.directories.increment() }
    }

    private func apply(_ opened: OpenedDirectory, to destination: Directory, _ task: DirectoryTask) {
        let target = MetadataTrust.Target(kind: .directory, volume: opened.ladder.destination)
        apply(wanted(opened), to: destination, current(opened, task), as: target) { note($0, task) }
    }

    /// When modes are not preserved, a directory that was there keeps its own, and a new one what it inherits.
    private func wanted(_ opened: OpenedDirectory) -> WantedMetadata {
        var wanted = WantedMetadata(of: opened.metadata, opened.attributes, run.options)
        if run.options.preserve.contains(.mode) { return wanted }
        // What was opened up for its children gets its mode back; another's may not be touched.
        if let existing = opened.existing { wanted.mode = mustOpenUp(existing) ? existing.mode : nil }
        if opened.rule.inheritsSetGroup { wanted.mode?.insert(.setGroup) }
        return wanted
    }

    private func current(_ opened: OpenedDirectory, _ task: DirectoryTask) -> CurrentMetadata {
        if let existing = opened.existing {
            return CurrentMetadata(owner: existing.owner, mode: nil, mayHaveACL: true)
        }
        let mode = makingMode(of: opened.metadata, task)
        return CurrentMetadata(
            owner: opened.rule.owner, mode: opened.rule.mode(afterMaking: mode), mayHaveACL: opened.rule.inheritsACL)
    }

    func note(_ failure: Failure, _ task: DirectoryTask) {
        let path = failure.side == .source ? task.sourcePath : task.destinationPath
        run.add(CopyError(failure.reason, path), to: task.root, side: failure.side)
    }
}
