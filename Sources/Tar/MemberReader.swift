import FileTree
import SystemCalls

/// The result of reading an entry.
enum Reading {
    case member(ReadMember)
    /// No archive holds it, for this reason.
    case leftOut(ArchiveError)
    /// A directory that is listed as another type.
    case directory(WalkEntry, TreeRoot)
}

/// A member that was read: its header and, if it is small, its content are in the batch's bytes.
struct ReadMember {
    let member: Member
    /// Header, content and padding; for a large file the header only.
    var bytes: Range<Int>
    var large: SourceFile?
    /// What may share an inode: anything from the disk but directories.
    var file: LinkCandidate?
}

/// Looks at members and reads small files: what workers do side by side.
struct MemberReader {
    /// A file up to this size is read while its batch is looked at, as long as a batch has no more than `batchBytes`.
    static let smallBytes = 64 * 1024
    static let batchBytes = 1 << 20

    let options: ArchiveOptions
    let access: AccessTimes
    let policy: AttributePolicy
    /// The archive itself, and the file that it replaces.
    let outputs: Set<FileIdentity>
    let isCancelled: @Sendable () -> Bool

    /// Reads a member into the bytes.
    func read(_ entry: Entry, into bytes: inout ByteStore) throws(ArchiveError) -> Reading {
        if options.isLayer, let path = Self.whiteout(entry) {
            throw .refused(
                path,
                "\(path.quoted) cannot be in a layer, where .wh. is a mark of removal; rename it, or leave it out with --prune"
            )
        }
        switch entry {
        case .own(let item): return .member(try read(item, into: &bytes))
        case .disk(let entry, let tree):
            if entry.kind == .regular, let file = try readFile(entry, tree, into: &bytes) { return file }
            return try readOther(entry, tree, into: &bytes)
        }
    }

    /// The warning about an archived entry that is lost if the archive becomes a layer; nil for any other entry.
    func warning(about entry: Entry) -> ArchiveError? {
        guard let path = Self.whiteout(entry) else { return nil }
        return .refused(
            path, "\(path.quoted) is lost if the archive becomes a layer ('docker import'): .wh. marks a removal there")
    }

    /// The path of an entry whose name removes an entry of the layers below; nil for any other entry.
    /// Source: OCI image specification, layer.md, 'Whiteouts'.
    private static func whiteout(_ entry: Entry) -> Path? {
        let prefix = ".wh.".utf8
        switch entry {
        case .own(let item):
            return item.content != .removal && item.path.lastComponent.bytes.starts(with: prefix) ? item.path : nil
        case .disk(let entry, let tree):
            let start = entry.path.lastIndex(of: Path.slash).map { $0 + 1 } ?? 0
            return entry.path[start...].starts(with: prefix) ? tree.diskPath(entry.path) : nil
        }
    }

    /// Reads an entry that is not a regular file, or not listed as one. A socket exists only while a program listens.
    private func readOther(
        _ entry: WalkEntry, _ tree: TreeRoot, into bytes: inout ByteStore
    ) throws(ArchiveError) -> Reading {
        let disk = tree.diskPath(entry.path)
        let metadata = try attempt(.inspect, disk) { () throws(Errno) in
            if let directory = entry.directory { return try directory.metadata() }
            return try entry.parent.metadata(of: entry.name, following: false)
        }
        if metadata.kind == .directory, entry.directory == nil { return .directory(entry, tree) }
        if metadata.kind == .regular {
            if entry.kind != .regular, let file = try readFile(entry, tree, into: &bytes) { return file }
            throw ArchiveError(.changed("its type changed"), disk)
        }
        guard let kind = try kind(metadata, entry, disk) else {
            return .leftOut(.refused(disk, "\(disk.quoted) is a socket, and left out"))
        }
        let attributes = try policy.attributes(disk) { isWanted in
            if let directory = entry.directory { return directory.attributes(where: isWanted) }
            return entry.parent.attributes(of: entry.name, where: isWanted)
        }
        let member = member(
            tree.archivePath(entry.path), kind, metadata, try records(attributes, metadata, disk))
        var read = put(member, into: &bytes)
        if metadata.kind != .directory {
            read.file = LinkCandidate(tree: tree, path: entry.path, metadata: metadata, hash: 0, content: nil)
        }
        return .member(read)
    }

    func put(_ member: Member, content: [UInt8] = [], into bytes: inout ByteStore) -> ReadMember {
        let start = bytes.count
        bytes.append(member.header())
        bytes.append(content)
        bytes.appendZeros(content.count.padding)
        return ReadMember(member: member, bytes: start..<bytes.count)
    }

    private func read(_ item: ArchiveItem, into bytes: inout ByteStore) throws(ArchiveError) -> ReadMember {
        var member = Member(
            path: item.path.bytes, kind: .regular, mode: FileMode(rawValue: 0o777),
            owner: options.owner ?? Ownership(user: 0, group: 0), modified: time(Timestamp(seconds: 1, nanoseconds: 0)))
        switch item.content {
        case .directory(let mode): (member.kind, member.mode) = (.directory, FileMode(rawValue: mode))
        case .existingDirectory(let metadata):
            (member.kind, member.mode, member.owner) = (.directory, metadata.mode, metadata.owner)
            (member.modified, member.attributes) = (metadata.modified, metadata.attributes)
        case .symlink(let target): member.kind = .symlink(target: target.bytes)
        case .file(let content, let mode):
            (member.mode, member.size) = (FileMode(rawValue: mode), Int64(content.count))
            return put(member, content: content, into: &bytes)
        case .removal:
            member.mode = FileMode(rawValue: 0o644)
            return put(member, content: [], into: &bytes)
        case .content(let file, let mode):
            member.mode = FileMode(rawValue: mode)
            return try readContent(of: file, as: member, into: &bytes)
        // A tree is walked before it comes here.
        case .tree: break
        }
        return put(member, into: &bytes)
    }

    /// Returns nil for a socket.
    private func kind(
        _ metadata: Metadata, _ entry: WalkEntry, _ disk: Path
    ) throws(ArchiveError) -> Member.Kind? {
        switch metadata.kind {
        case .directory: return .directory
        case .symlink:
            let target = try attempt(.readLink, disk) { () throws(Errno) in try entry.parent.readLink(entry.name) }
            return .symlink(target: target.bytes)
        case .fifo: return .fifo
        case .characterDevice: return .characterDevice(metadata.special)
        case .blockDevice: return .blockDevice(metadata.special)
        case .socket: return nil
        case .regular: return .regular
        }
    }

    /// The pax records of attributes. If the archived mode is not the one on disk, an ACL gets the permissions of the
    /// mode.
    func records(
        _ attributes: [ExtendedAttribute], _ metadata: Metadata, _ disk: Path
    ) throws(ArchiveError) -> [PaxAttribute] {
        guard options.modes == .store else { return try policy.records(attributes, disk) }
        return try policy.records(attributes.map { $0.agreeing(with: mode(metadata)) }, disk)
    }

    func member(
        _ path: [UInt8], _ kind: Member.Kind, _ metadata: Metadata, _ attributes: [PaxAttribute]
    ) -> Member {
        Member(
            path: path, kind: kind, mode: kind.isSymlink ? .permissions : mode(metadata),
            owner: options.owner ?? metadata.owner, modified: time(metadata.modified),
            size: kind == .regular ? metadata.size : 0, attributes: attributes)
    }

    /// The modes of a store are from Nix, src/libstore/posix-fs-canonicalise.cc. Otherwise a file whose owner
    /// changes loses its set-ID bits: they would grant the rights of the new owner.
    private func mode(_ source: Metadata) -> FileMode {
        guard options.modes == .store else {
            guard source.kind == .regular, let owner = options.owner, owner != source.owner else { return source.mode }
            return source.mode.subtracting([.setUser, .setGroup])
        }
        let isOpen = source.kind == .directory || source.mode.rawValue & 0o100 != 0
        return FileMode(rawValue: isOpen ? 0o555 : 0o444)
    }

    private func time(_ source: Timestamp) -> Timestamp {
        guard case .fixed(let seconds) = options.times else { return source }
        return Timestamp(seconds: seconds, nanoseconds: 0)
    }
}

extension Member.Kind {
    fileprivate var isSymlink: Bool { if case .symlink = self { true } else { false } }
}
