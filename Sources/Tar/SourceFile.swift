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

    /// What the header has promised is there, or the file has changed.
    func read(_ room: UnsafeMutableRawBufferPointer, at offset: Int64) throws(ArchiveError) {
        let isThere = try attempt(.read, path) { () throws(Errno) in try descriptor.read(exactly: room, at: offset) }
        if !isThere { throw ArchiveError(.changed("it was truncated"), path) }
    }

    func refuseChanged() throws(ArchiveError) {
        let now = try attempt(.inspect, path) { () throws(Errno) in try descriptor.metadata() }
        if now.size != metadata.size {
            throw ArchiveError(.changed(now.size > metadata.size ? "it grew" : "it was truncated"), path)
        }
        if now.modified != metadata.modified { throw ArchiveError(.changed("it was written to"), path) }
    }
}
