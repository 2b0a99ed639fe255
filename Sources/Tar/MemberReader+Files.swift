import FileTree
import SystemCalls

/// Regular files: small ones are read at once, of others only what is needed to know them again.
extension MemberReader {
    func readFile(
        _ entry: WalkEntry, _ tree: TreeRoot, into bytes: inout ByteStore
    ) throws(ArchiveError) -> Reading {
        let disk = tree.diskPath(entry.path)
        let file = try open(entry.name, in: entry.parent, tree.archivePath(entry.path), disk)
        if outputs.contains(file.metadata.identity) {
            return .leftOut(.refused(disk, "\(disk.quoted) is the archive itself, and left out"))
        }
        var read = put(file.member, into: &bytes)
        let start = bytes.count
        let size = Int(file.metadata.size)
        let isSmall = size <= Self.smallBytes && start + size <= Self.batchBytes
        let hash = isSmall ? try readSmall(file, into: &bytes) : try readEnds(of: file, using: &bytes)
        read.bytes = read.bytes.lowerBound..<bytes.count
        if !isSmall { read.large = file }
        read.file = LinkCandidate(
            tree: tree, path: entry.path, metadata: file.metadata, hash: hash,
            content: isSmall ? .bytes(start..<(start + size)) : .file(file))
        return .member(read)
    }

    /// A file that gives its content to a member of the archive's own: it is read when that is written.
    func readContent(
        of disk: Path, as member: Member, into bytes: inout ByteStore
    ) throws(ArchiveError) -> ReadMember {
        let file = try attempt(.open, disk) { () throws(Errno) in try Directory.current.openFile(Name(disk), []) }
        let metadata = try attempt(.inspect, disk) { () throws(Errno) in try file.metadata() }
        guard metadata.kind == .regular else {
            throw ArchiveError(.refused("\(disk.quoted) is no regular file"), disk)
        }
        var member = member
        member.size = metadata.size
        var read = put(member, into: &bytes)
        read.large = SourceFile(file, metadata, member, disk)
        return read
    }

    /// Opens a regular file and describes it.
    func open(
        _ name: Name, in parent: Directory, _ path: [UInt8], _ disk: Path
    ) throws(ArchiveError) -> SourceFile {
        let file = try attempt(.open, disk) { () throws(Errno) in
            try access.open(.noFollow) { options throws(Errno) in try parent.openFile(name, options) }
        }
        let metadata = try attempt(.inspect, disk) { () throws(Errno) in try file.metadata() }
        guard metadata.kind == .regular else {
            throw ArchiveError(.changed("it is no regular file any more"), disk)
        }
        let attributes = try attempt(.readAttributes, disk) { () throws(Errno) in try file.extendedAttributes() }
        let records = try policy.records(attributes, metadata, disk)
        return SourceFile(file, metadata, member(path, .regular, metadata, records), disk)
    }

    /// One read that asks for a byte more than there should be. The header is written already: a file of another size
    /// must end the archive. Returns the hash.
    private func readSmall(_ file: SourceFile, into bytes: inout ByteStore) throws(ArchiveError) -> Int {
        let expected = Int(file.metadata.size)
        let room = bytes.room(expected + 1)
        var filled = 0
        while filled <= expected {
            let rest = UnsafeMutableRawBufferPointer(rebasing: room[filled...])
            let count = try attempt(.read, file.path) { () throws(Errno) in try file.descriptor.read(into: rest) }
            if count == 0 { break }
            filled += count
            if filled == expected, count < rest.count { break }
        }
        guard filled == expected else {
            throw ArchiveError(.changed(filled > expected ? "it grew" : "it was truncated"), file.path)
        }
        let content = UnsafeRawBufferPointer(UnsafeMutableRawBufferPointer(rebasing: room.prefix(expected)))
        let hash = options.hardLinks == .canonical ? LinkHash(file.member, content: content).value : 0
        bytes.keep(expected)
        bytes.appendZeros(expected.padding)
        return hash
    }

    /// For the hash only: the content is read when it is written.
    private func readEnds(of file: SourceFile, using bytes: inout ByteStore) throws(ArchiveError) -> Int {
        guard options.hardLinks == .canonical else { return 0 }
        let size = Int(file.metadata.size)
        let room = bytes.room(2 * LinkHash.sampleBytes)
        let head = UnsafeMutableRawBufferPointer(rebasing: room.prefix(min(size, LinkHash.sampleBytes)))
        let tail = UnsafeMutableRawBufferPointer(rebasing: room.suffix(head.count))
        try file.read(head, at: 0)
        try file.read(tail, at: Int64(size - tail.count))
        return LinkHash(file.member, head: UnsafeRawBufferPointer(head), tail: UnsafeRawBufferPointer(tail)).value
    }
}
