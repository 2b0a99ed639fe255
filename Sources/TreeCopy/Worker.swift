import FileTree
import Synchronization
import SystemCalls

/// One worker with its buffers.
struct Worker: ~Copyable {
    /// The batch of entries that one worker takes from a directory at a time: about a hundred.
    static let batchBytes = 4096
    /// A file up to this size is read and written in one call each.
    static let smallBytes = 256 * 1024
    /// The pieces in which larger files are read and written.
    static let bufferBytes = 1024 * 1024

    let run: CopyRun
    private let index: Int
    let tally: Tally
    var entries = DirectoryEntries(capacity: Worker.batchBytes)
    /// The same, in the order in which they are copied.
    var batch: [DirectoryEntry] = []
    let readAhead = ReadAhead()
    let trust = MetadataTrust()
    let buffer: UnsafeMutableRawBufferPointer

    init(_ run: CopyRun, index: Int) {
        self.run = run
        self.index = index
        tally = run.tallies[index]
        buffer = .allocate(byteCount: Worker.bufferBytes + 4096, alignment: 4096)
    }

    deinit { buffer.deallocate() }

    /// At first a part of the buffer: the first use of each page of it takes as long as copying the page.
    var pieceBytes: Int { tally.bytes.value < 4 * Worker.bufferBytes ? Worker.smallBytes : Worker.bufferBytes }

    mutating func perform(_ job: Job) {
        switch job {
        case .root(let root): begin(root)
        case .open(let task): open(task)
        case .read(let task): read(task)
        case .entry(let task, let entry): copy(entry, of: task)
        }
    }

    /// Onto the worker's own list.
    func push(_ job: Job) { run.pool.push(job, by: index) }

    /// Copies one entry of the kind that its directory's listing gives; a failure is noted, and the run goes on.
    mutating func copy(_ kind: FileKind?, _ site: CopySite) {
        do throws(Failure) {
            var site = site
            let listed = try resolve(kind, &site)
            do throws(Failure) { try copyListed(listed, site) } catch {
                guard error.mayBeOtherKind else { throw error }
                let found = try kindFound(at: site)
                if found == listed { throw error }
                try copyListed(found, site)
            }
        } catch {
            run.add(error, site)
        }
    }

    private mutating func copyListed(_ kind: FileKind, _ site: CopySite) throws(Failure) {
        if kind == .directory { return try enter(site) }
        if run.looksFirst || run.mayCollide(site) || (run.options.actsAsGNU && site.parent == nil) {
            return try copyLooking(site)
        }
        try place(kind, site)
        run.onEvent?(.made(source: site.sourcePath, destination: site.destinationPath, backup: nil))
    }

    private func kindFound(at site: CopySite) throws(Failure) -> FileKind {
        try attempt(.inspect, .source) { () throws(Errno) in
            try site.source.metadata(of: site.sourceName, following: site.follows).kind
        }
    }

    /// Copies an entry as GNU cp does: it looks at the destination, then reports what happens, then does it.
    private mutating func copyLooking(_ site: CopySite) throws(Failure) {
        var site = site
        let source = try attempt(.inspect, .source) { () throws(Errno) in
            try site.source.metadata(of: site.sourceName, following: site.follows)
        }
        let kind = source.kind
        if kind == .directory { return try enter(site) }
        try refuseUnreadable(site, source)
        let decision = try meet(site, source)
        if decision.way == .kept { return tally.skipped.increment() }
        site.way = decision.way
        let saved = decision.backup.map { site.destinationPath.sibling($0) }
        run.onEvent?(.made(source: site.sourcePath, destination: site.destinationPath, backup: saved))
        do throws(Failure) { try place(kind, site) } catch {
            run.add(error, site)
            if let backup = decision.backup { takeBack(backup, site) }
            return
        }
        run.noteCreated(site)
    }

    /// What cannot be read is no reason to remove what is there. GNU's cp finds out later.
    private func refuseUnreadable(_ site: CopySite, _ source: Metadata) throws(Failure) {
        guard !run.options.actsAsGNU, source.kind == .regular, run.options.strategy != .symlink,
            run.options.strategy != .hardlink
        else { return }
        _ = try run.openSource(.openContent, site.openOptions) { options throws(Errno) in
            try site.source.openFile(site.sourceName, options)
        }
    }

    private mutating func place(_ kind: FileKind, _ site: CopySite) throws(Failure) {
        if run.options.strategy == .symlink { return try placeSymlink(toSourceOf: site) }
        switch kind {
        case .regular: try placeRegular(site)
        case .symlink: try placeSymlink(site)
        case let special: try placeSpecial(special, site)
        }
    }

    /// The kind of the entry: from a stat if the listing has none, and for a symlink that is to be followed, which may
    /// lead to another volume.
    private func resolve(_ kind: FileKind?, _ site: inout CopySite) throws(Failure) -> FileKind {
        if let kind, kind != .symlink || !site.follows { return kind }
        let file = try attempt(.inspect, .source) { () throws(Errno) in
            try site.source.metadata(of: site.sourceName, following: site.follows)
        }
        if file.kind != .directory, file.volume != site.ladder.source {
            site.climb(
                ladder(
                    of: file.volume, site.sourceName, in: site.source, following: site.follows, to: site.destination,
                    site.ladder.destination, example: site.sourcePath))
        }
        return file.kind
    }

    /// A directory becomes a job of its own.
    private func enter(_ site: CopySite) throws(Failure) {
        guard run.options.isRecursive else {
            throw Failure(
                reason: .refused("-r not specified; omitting directory \(site.sourcePath.quoted)"), side: .source)
        }
        let task = DirectoryTask(
            parent: site.parent, root: site.root, sourceName: site.sourceName, name: site.name,
            follows: site.follows)
        site.parent?.unstarted.add(1, ordering: .relaxed)
        site.parent?.unfinished.add(1, ordering: .relaxed)
        push(.open(task))
    }
}
