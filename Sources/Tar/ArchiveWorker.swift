import FileTree
import SystemCalls

/// One worker of an archive, with its memory.
struct ArchiveWorker: ~Copyable {
    private static let scratchBytes = 1 << 20

    private let run: ArchiveRun
    private var bytes = ByteStore(capacity: 1 << 20)
    private let scratch: UnsafeMutableRawBufferPointer

    init(_ run: ArchiveRun) {
        self.run = run
        scratch = .allocate(byteCount: Self.scratchBytes, alignment: 4096)
    }

    deinit { scratch.deallocate() }

    /// Takes batches until there are none: looks at their members with the others, places them when it is their
    /// turn, and writes them with the others again.
    mutating func work() {
        while let batch = run.nextBatch() {
            do throws(ArchiveError) {
                guard try write(batch) else { return }
            } catch { return run.stop(error, in: batch.number) }
        }
    }

    /// False when the archive was given up meanwhile.
    private mutating func write(_ batch: Batch) throws(ArchiveError) -> Bool {
        let (members, warnings) = try read(batch)
        guard run.turnstile.enter(batch.number) else { return false }
        let parts = try run.place(members, warnings, bytes.bytes(0..<bytes.count))
        run.turnstile.leave()
        if run.isGivenUp { return false }
        for part in parts { try write(part) }
        run.watch.progress.add(members: members.count)
        return true
    }

    private mutating func read(_ batch: Batch) throws(ArchiveError) -> ([ReadMember], [ArchiveError]) {
        bytes.removeAll()
        var members: [ReadMember] = []
        var warnings: [ArchiveError] = []
        for entry in batch.entries { try read(entry, &members, &warnings) }
        return (members, warnings)
    }

    private mutating func read(
        _ entry: Entry, _ members: inout [ReadMember], _ warnings: inout [ArchiveError]
    ) throws(ArchiveError) {
        switch try run.reader.read(entry, into: &bytes) {
        case .member(let member):
            members.append(member)
            if let warning = run.reader.warning(about: entry) { warnings.append(warning) }
        case .leftOut(let why): warnings.append(why)
        case .directory(let entry, let tree): try walk(entry, tree, &members, &warnings)
        }
    }

    /// Reads a directory that is listed as another type, with all below it: the batch's walk has passed it by.
    private mutating func walk(
        _ entry: WalkEntry, _ tree: TreeRoot, _ members: inout [ReadMember], _ warnings: inout [ArchiveError]
    ) throws(ArchiveError) {
        var walk = OrderedWalk(correcting: entry, run.reader.access, excluding: tree.isExcluded)
        while true {
            let next: WalkEntry?
            do throws(WalkFailure) { next = try walk.next() } catch { throw ArchiveError(error, in: tree) }
            guard let next else { return }
            if run.watch.isCancelled() { throw ArchiveError(.cancelled, tree.diskPath(next.path)) }
            try read(.disk(next, tree), &members, &warnings)
        }
    }

    private func write(_ part: PlacedPart) throws(ArchiveError) {
        do throws(Errno) {
            switch part.content {
            case .bytes(let range):
                try run.sink.write(bytes.bytes(range), at: part.offset)
                run.watch.progress.add(bytes: range.count)
            case .made(let header):
                try run.sink.write(header, at: part.offset)
                run.watch.progress.add(bytes: header.count)
            case .file: break
            }
        } catch { throw run.archiveFailure(error) }
        if case .file(let file) = part.content { try write(file, at: part.offset) }
    }

    /// The content and the padding after it; then a look whether the file is still the one it was.
    private func write(_ file: SourceFile, at offset: Int64) throws(ArchiveError) {
        let size = file.metadata.size
        do throws(SinkError) {
            var done: Int64 = 0
            do throws(Errno) { done = try run.sink.share(file.descriptor, size, at: offset) } catch {
                throw .archive(error)
            }
            run.watch.progress.add(bytes: Int(done))
            try run.sink.fill(size - done, at: offset + done, scratch) { room throws(ArchiveError) in
                if run.watch.isCancelled() { throw ArchiveError(.cancelled, file.path) }
                try file.read(room, at: done)
                done += Int64(room.count)
                run.watch.progress.add(bytes: room.count)
            }
        } catch {
            switch error {
            case .archive(let errno): throw run.archiveFailure(errno)
            case .source(let error): throw error
            }
        }
        let padding = [UInt8](repeating: 0, count: Int(size.padding))
        do throws(Errno) { try run.sink.write(padding, at: offset + size) } catch { throw run.archiveFailure(error) }
        try file.refuseChanged()
    }
}
