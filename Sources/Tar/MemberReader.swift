import FileTree
import SystemCalls

/// A regular file that is open, and what its header says.
final class SourceFile: Sendable {
    let descriptor: Descriptor
    let metadata: Metadata
    let member: Member
    let path: Path

    init(_ descriptor: consuming Descriptor, _ metadata: Metadata, _ member: Member, _ path: Path) {
        self.descriptor = descriptor
        self.metadata = metadata
        self.member = member
        self.path = path
    }
}

/// A member that was looked at: its header and, if it is small, its content are in the batch's bytes.
struct ReadMember {
    let member: Member
    /// Header, content and padding; for a large file the header only.
    var bytes: Range<Int>
    var large: SourceFile?
    /// What may share an inode: anything from the disk but directories.
    var file: LinkCandidate?
}

/// What there is to know of a file that may get further names.
struct LinkCandidate {
    let metadata: Metadata
    /// Of metadata and, for small files, content; equal files have equal ones.
    let hash: Int
    let disk: Path
}

/// Looks at members and reads small files: what workers do side by side.
struct MemberReader {
    /// A file up to this size is read while its batch is looked at.
    static let smallBytes: Int64 = 64 * 1024

    let options: ArchiveOptions
    let access: AccessTimes
    let policy: AttributePolicy

    /// Reads a member into the bytes; nil for what no archive holds.
    func read(_ entry: Entry, into bytes: inout ByteStore) throws(ArchiveError) -> ReadMember? {
        switch entry {
        case .own(let item): return read(item, into: &bytes)
        case .disk(let entry, let tree):
            let disk = tree.diskPath(entry.path)
            let path = tree.archivePath(entry.path)
            if entry.kind == .regular { return try readFile(entry, path, disk, into: &bytes) }
            guard let (member, metadata) = try look(entry, path, disk) else { return nil }
            var read = put(member, into: &bytes)
            if metadata.kind != .directory { read.file = LinkCandidate(metadata: metadata, hash: 0, disk: disk) }
            return read
        }
    }

    private func put(_ member: Member, content: [UInt8] = [], into bytes: inout ByteStore) -> ReadMember {
        let start = bytes.count
        bytes.append(member.header())
        bytes.append(content)
        bytes.appendZeros(content.count.padding)
        return ReadMember(member: member, bytes: start..<bytes.count)
    }

    private func read(_ item: ArchiveItem, into bytes: inout ByteStore) -> ReadMember? {
        var member = Member(
            path: item.path.bytes, kind: .regular, mode: FileMode(rawValue: 0o777),
            owner: options.owner ?? Ownership(user: 0, group: 0), modified: time(Timestamp(seconds: 1, nanoseconds: 0)))
        switch item.content {
        case .directory(let mode): (member.kind, member.mode) = (.directory, FileMode(rawValue: mode))
        case .symlink(let target): member.kind = .symlink(target: target.bytes)
        case .file(let content, let mode):
            (member.mode, member.size) = (FileMode(rawValue: mode), Int64(content.count))
            return put(member, content: content, into: &bytes)
        // A tree is walked before it comes here.
        case .tree: return nil
        }
        return put(member, into: &bytes)
    }

    /// What has no content of its own; nil for a socket, which exists only while a program listens.
    private func look(
        _ entry: WalkEntry, _ path: [UInt8], _ disk: Path
    ) throws(ArchiveError) -> (Member, Metadata)? {
        let metadata = try attempt(.inspect, disk) { () throws(Errno) in
            if let directory = entry.directory { return try directory.metadata() }
            return try entry.parent.metadata(of: entry.name, following: false)
        }
        guard let kind = try kind(metadata, entry, disk) else { return nil }
        let attributes = try attempt(.readAttributes, disk) { () throws(Errno) in
            if let directory = entry.directory { return try directory.extendedAttributes() }
            return try entry.parent.extendedAttributes(of: entry.name)
        }
        return (member(path, kind, metadata, try policy.records(attributes, metadata, disk)), metadata)
    }

    private func kind(
        _ metadata: Metadata, _ entry: WalkEntry, _ disk: Path
    ) throws(ArchiveError) -> Member.Kind? {
        switch metadata.kind {
        case .directory:
            guard entry.directory != nil else { throw ArchiveError(.changed("it became a directory"), disk) }
            return .directory
        case .symlink:
            let target = try attempt(.readLink, disk) { () throws(Errno) in try entry.parent.readLink(entry.name) }
            return .symlink(target: target.bytes)
        case .fifo: return .fifo
        case .characterDevice: return .characterDevice(metadata.special)
        case .blockDevice: return .blockDevice(metadata.special)
        case .socket: return nil
        case .regular: throw ArchiveError(.changed("it became a regular file"), disk)
        }
    }

    private func member(
        _ path: [UInt8], _ kind: Member.Kind, _ metadata: Metadata, _ attributes: [PaxAttribute]
    ) -> Member {
        Member(
            path: path, kind: kind, mode: kind.isSymlink ? .permissions : metadata.mode,
            owner: options.owner ?? metadata.owner, modified: time(metadata.modified),
            size: kind == .regular ? metadata.size : 0, attributes: attributes)
    }

    private func time(_ source: Timestamp) -> Timestamp {
        guard case .fixed(let seconds) = options.times else { return source }
        return Timestamp(seconds: seconds, nanoseconds: 0)
    }
}

extension Member.Kind {
    fileprivate var isSymlink: Bool { if case .symlink = self { true } else { false } }
}

extension MemberReader {
    private func readFile(
        _ entry: WalkEntry, _ path: [UInt8], _ disk: Path, into bytes: inout ByteStore
    ) throws(ArchiveError) -> ReadMember {
        let file = try open(entry.name, in: entry.parent, path, disk)
        var read = put(file.member, into: &bytes)
        let contentStart = bytes.count
        if file.metadata.size > Self.smallBytes {
            read.large = file
            read.file = LinkCandidate(
                metadata: file.metadata, hash: LinkHash(file.member, content: nil).value, disk: disk)
            return read
        }
        try readSmall(file, into: &bytes)
        let content = bytes.bytes(contentStart..<bytes.count)
        read.file = LinkCandidate(
            metadata: file.metadata, hash: LinkHash(file.member, content: content).value, disk: disk)
        bytes.appendZeros(Int(file.metadata.size).padding)
        read.bytes = read.bytes.lowerBound..<bytes.count
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
    /// must end the archive.
    private func readSmall(_ file: SourceFile, into bytes: inout ByteStore) throws(ArchiveError) {
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
        bytes.keep(expected)
    }
}
