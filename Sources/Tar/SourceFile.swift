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

    /// Reads content that the header has announced.
    ///
    /// - Throws: an error if the file ends before that, and so has changed.
    func read(_ room: UnsafeMutableRawBufferPointer, at offset: Int64) throws(ArchiveError) {
        let isThere = try attempt(.read, path) { () throws(Errno) in try descriptor.read(exactly: room, at: offset) }
        if !isThere { throw ArchiveError(.changed("it was truncated"), path) }
    }

    /// Throws an error if the metadata proves that the file was written to since it was opened.
    func refuseChanged() throws(ArchiveError) {
        let change = try attempt(.inspect, path) { () throws(Errno) in
            try descriptor.contentChange(since: metadata)
        }
        switch change {
        case .growth: throw ArchiveError(.changed("it grew"), path)
        case .truncation: throw ArchiveError(.changed("it was truncated"), path)
        case .rewriting: throw ArchiveError(.changed("it was written to"), path)
        case nil: break
        }
    }
}
