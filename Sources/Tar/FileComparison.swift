import FileTree
import SystemCalls

/// Whether two files on disk make equal members, byte by byte: a hash alone decides nothing.
struct FileComparison {
    private static let pieceBytes = 256 * 1024

    let reader: MemberReader
    let isCancelled: @Sendable () -> Bool

    /// The earlier file as it is now, which must be as it was: a link to it stands for the archived content. Returns nil
    /// where the file system cannot show that.
    func open(
        _ path: Path, unlessModifiedSince modified: Int64, _ later: Member
    ) throws(ArchiveError) -> SourceFile? {
        let (directory, name) = try attempt(.open, path) { () throws(Errno) in try Directory.current.reach(path) }
        guard let file = try reader.open(name, in: directory, later.path, path) else {
            throw ArchiveError(.changed("its type changed"), path)
        }
        if file.metadata.modified.sinceEpoch == modified { return file }
        if file.descriptor.hasTimeOfNow { return nil }
        throw ArchiveError(.changed("it was written to"), path)
    }

    func hasContent(_ file: SourceFile, _ content: UnsafeRawBufferPointer) throws(ArchiveError) -> Bool {
        try compare(file, content.count) { offset, room in
            UnsafeRawBufferPointer(rebasing: content[offset..<(offset + room.count)])
        }
    }

    func haveEqualContent(_ file: SourceFile, _ other: SourceFile) throws(ArchiveError) -> Bool {
        let second = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceBytes, alignment: 4096)
        defer { second.deallocate() }
        return try compare(file, Int(other.metadata.size)) { offset, room throws(ArchiveError) in
            let part = UnsafeMutableRawBufferPointer(rebasing: second.prefix(room.count))
            try other.read(part, at: Int64(offset))
            return UnsafeRawBufferPointer(part)
        }
    }

    /// Piece by piece, until one differs.
    private func compare(
        _ file: SourceFile, _ size: Int,
        _ other: (Int, UnsafeMutableRawBufferPointer) throws(ArchiveError) -> UnsafeRawBufferPointer
    ) throws(ArchiveError) -> Bool {
        let first = UnsafeMutableRawBufferPointer.allocate(
            byteCount: min(size, Self.pieceBytes), alignment: 4096)
        defer { first.deallocate() }
        var offset = 0
        while offset < size {
            if isCancelled() { throw ArchiveError(.cancelled, file.path) }
            let part = UnsafeMutableRawBufferPointer(rebasing: first.prefix(size - offset))
            try file.read(part, at: Int64(offset))
            guard UnsafeRawBufferPointer(part).hasSameBytes(as: try other(offset, part)) else { return false }
            offset += part.count
        }
        return true
    }
}

extension Member {
    /// All but their names.
    func describesSame(as other: Member) -> Bool {
        size == other.size && mode == other.mode && owner == other.owner && modified == other.modified
            && attributes == other.attributes
    }
}
