import FileTree
import SystemCalls

/// Regular files: small ones are read at once, of others only as much as identifies them.
extension MemberReader {
    /// A file of size 0 may have content, as those of procfs do; it is read with a buffer of that size, since some
    /// files refuse other counts than multiples of a record.
    private static let unsizedBytes = 64 * 1024

    /// Returns nil if the entry is of another type, which a listing does not always show.
    func readFile(
        _ entry: WalkEntry, _ tree: TreeRoot, into bytes: inout ByteStore
    ) throws(ArchiveError) -> Reading? {
        let disk = tree.diskPath(entry.path)
        guard let file = try open(entry.name, in: entry.parent, tree.archivePath(entry.path), disk) else { return nil }
        if outputs.contains(file.metadata.identity) {
            return .leftOut(.refused(disk, "\(disk.quoted) is the archive itself, and left out"))
        }
        let begin = bytes.count
        var read = put(file.member, into: &bytes)
        let start = bytes.count
        let size = Int(file.metadata.size)
        let isSmall = size <= Self.smallBytes && start + size <= Self.batchBytes
        let hash: Int
        let reading = isSmall ? try readSmall(file, into: &bytes) : try readEnds(of: file, using: &bytes)
        switch reading {
        case .hash(let value): hash = value
        case .wrongSize(let count):
            let beginning = bytes.room(count)
            let content = try unsizedContent(UnsafeRawBufferPointer(beginning), file)
            bytes.truncate(to: begin)
            return .member(try put(content, of: file, into: &bytes))
        }
        read.bytes = read.bytes.lowerBound..<bytes.count
        if !isSmall { read.large = file }
        read.file = LinkCandidate(
            tree: tree, path: entry.path, metadata: file.metadata, hash: hash,
            content: isSmall ? .bytes(start..<(start + size)) : .file(file))
        return .member(read)
    }

    /// A file that gives its content to a member of the archive's own: it is read when that is written.
    func readContent(
        of content: ContentFile, as member: Member, into bytes: inout ByteStore
    ) throws(ArchiveError) -> ReadMember {
        let disk = content.path
        let file = try attempt(.open, disk) { () throws(Errno) in try content.directory.openFile(content.name) }
        let metadata = try attempt(.inspect, disk) { () throws(Errno) in try file.metadata() }
        guard metadata.kind == .regular else {
            throw ArchiveError(.refused("\(disk.quoted) is not a regular file"), disk)
        }
        var member = member
        member.size = metadata.size
        var read = put(member, into: &bytes)
        read.large = SourceFile(file, metadata, member, disk)
        return read
    }

    /// Opens a regular file and describes it. Returns nil if the entry is of another type.
    func open(
        _ name: Name, in parent: Directory, _ path: [UInt8], _ disk: Path
    ) throws(ArchiveError) -> SourceFile? {
        guard let file = try openRegular(name, in: parent, disk) else { return nil }
        // The first listxattr(2) moves the times of a file in sysfs: so the attributes come before the times.
        let attributes = try policy.attributes(disk) { file.attributes(where: $0) }
        let metadata = try attempt(.inspect, disk) { () throws(Errno) in try file.metadata() }
        guard metadata.kind == .regular else { return nil }
        let records = try records(attributes, metadata, disk)
        return SourceFile(file, metadata, member(path, .regular, metadata, records), disk)
    }

    private func openRegular(_ name: Name, in parent: Directory, _ disk: Path) throws(ArchiveError) -> Descriptor? {
        do throws(Errno) {
            return try access.open(.noFollow) { options throws(Errno) in try parent.openFile(name, options) }
        } catch {
            let kind = try? parent.metadata(of: name, following: false).kind
            if let kind, kind != .regular { return nil }
            throw ArchiveError(.open, error, disk)
        }
    }

    /// The result of reading a file on the assumption that its size is right.
    private enum SizedReading {
        /// The size is right; with the hash by which equal files are found.
        case hash(Int)
        /// The size is wrong. That many bytes have been read so far, from the start of the file, behind the batch's bytes.
        case wrongSize(Int)
    }

    /// Reads a small file with one read, which asks for one byte more than the size.
    private func readSmall(_ file: SourceFile, into bytes: inout ByteStore) throws(ArchiveError) -> SizedReading {
        let expected = Int(file.metadata.size)
        let room = bytes.room(expected == 0 ? Self.unsizedBytes : expected + 1)
        var filled = 0
        while filled < room.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: room[filled...])
            let count = try attempt(.read, file.path) { () throws(Errno) in try file.descriptor.read(into: rest) }
            if count == 0 { break }
            filled += count
            if filled == expected { break }
        }
        guard filled == expected else {
            try file.refuseChanged()
            return .wrongSize(filled)
        }
        let content = UnsafeRawBufferPointer(UnsafeMutableRawBufferPointer(rebasing: room.prefix(expected)))
        let hash = options.hardLinks == .canonical ? LinkHash(file.member, content: content).value : 0
        bytes.keep(expected)
        bytes.appendZeros(expected.padding)
        return .hash(hash)
    }

    /// Reads both ends, which show whether the size is right; the content is read when it is written.
    private func readEnds(of file: SourceFile, using bytes: inout ByteStore) throws(ArchiveError) -> SizedReading {
        let size = file.metadata.size
        let sample = Int(min(size, Int64(LinkHash.sampleBytes)))
        let room = bytes.room(2 * sample + 1)
        let head = UnsafeMutableRawBufferPointer(rebasing: room.prefix(sample))
        // One byte more than the size.
        let tail = UnsafeMutableRawBufferPointer(rebasing: room.suffix(sample + 1))
        var count = try attempt(.read, file.path) { () throws(Errno) in
            try file.descriptor.readOnce(into: tail, at: size - Int64(sample))
        }
        if count < sample {
            count = try attempt(.read, file.path) { () throws(Errno) in
                try file.descriptor.read(into: tail, at: size - Int64(sample))
            }
        }
        guard count == sample else {
            try file.refuseChanged()
            return .wrongSize(0)
        }
        guard options.hardLinks == .canonical else { return .hash(0) }
        try file.read(head, at: 0)
        return .hash(
            LinkHash(
                file.member, head: UnsafeRawBufferPointer(head), tail: UnsafeRawBufferPointer(rebasing: tail.dropLast())
            ).value)
    }
}

/// Files whose size is known only at their end: the header comes first, so they are read up to there before it is written.
extension MemberReader {
    private func unsizedContent(
        _ beginning: UnsafeRawBufferPointer, _ file: SourceFile
    ) throws(ArchiveError) -> UnsizedContent {
        do throws(UnsizedContent.Failure) {
            return try UnsizedContent(beginning, thenRestOf: file.descriptor, isCancelled: isCancelled)
        } catch {
            switch error {
            case .source(let errno): throw ArchiveError(.read, errno, file.path)
            case .temporaryFile(let errno): throw ArchiveError(.write, errno, ProcessState.temporaryFolder)
            case .cancelled: throw ArchiveError(.cancelled, file.path)
            }
        }
    }

    private func put(
        _ content: consuming UnsizedContent, of file: SourceFile, into bytes: inout ByteStore
    ) throws(ArchiveError) -> ReadMember {
        var member = file.member
        switch consume content {
        case .bytes(let content):
            member.size = Int64(content.count)
            return put(member, content: content, into: &bytes)
        case .file(let copy, let size):
            member.size = size
            var read = put(member, into: &bytes)
            let metadata = try attempt(.inspect, file.path) { () throws(Errno) in try copy.metadata() }
            read.large = SourceFile(copy, metadata, member, file.path)
            return read
        }
    }
}
