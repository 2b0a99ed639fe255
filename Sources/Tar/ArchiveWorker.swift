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
        do throws(ArchiveError) {
            while let batch = try run.nextBatch() {
                let (members, skipped) = try read(batch)
                guard run.turnstile.enter(batch.number) else { return }
                let parts = run.place(members, skipped)
                run.turnstile.leave()
                for part in parts { try write(part) }
            }
        } catch { run.stop(error) }
    }

    private mutating func read(_ batch: Batch) throws(ArchiveError) -> ([ReadMember], [ArchiveError]) {
        bytes.removeAll()
        var members: [ReadMember] = []
        var skipped: [ArchiveError] = []
        for entry in batch.entries {
            if let member = try run.reader.read(entry, into: &bytes) {
                members.append(member)
            } else if case .disk(let entry, let tree) = entry {
                let path = tree.diskPath(entry.path)
                skipped.append(ArchiveError(.refused("\(path.quoted) is a socket, and left out"), path))
            }
        }
        return (members, skipped)
    }

    private func write(_ part: PlacedPart) throws(ArchiveError) {
        do throws(Errno) {
            switch part.content {
            case .bytes(let range): return try run.sink.write(bytes.bytes(range), at: part.offset)
            case .made(let header): return try run.sink.write(header, at: part.offset)
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
            try run.sink.fill(size - done, at: offset + done, scratch) { room throws(ArchiveError) in
                if run.isCancelled() { throw ArchiveError(.cancelled, file.path) }
                try file.read(room, at: done)
                done += Int64(room.count)
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

extension SourceFile {
    fileprivate func read(_ room: UnsafeMutableRawBufferPointer, at offset: Int64) throws(ArchiveError) {
        let isThere = try attempt(.read, path) { () throws(Errno) in try descriptor.read(exactly: room, at: offset) }
        if !isThere { throw ArchiveError(.changed("it was truncated"), path) }
    }

    fileprivate func refuseChanged() throws(ArchiveError) {
        let now = try attempt(.inspect, path) { () throws(Errno) in try descriptor.metadata() }
        if now.size != metadata.size {
            throw ArchiveError(.changed(now.size > metadata.size ? "it grew" : "it was truncated"), path)
        }
        if now.modified != metadata.modified { throw ArchiveError(.changed("it was written to"), path) }
    }
}
