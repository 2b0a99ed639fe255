package import SystemCalls

/// The metadata of a directory in an archive: mode, owner, modification time, extended attributes and ACLs.
public struct DirectoryMetadata: Sendable, Hashable {
    package let mode: FileMode
    package let owner: Ownership
    package let modified: Timestamp
    /// The pax records of the attributes that repot archives, in byte order of their keys.
    package let attributes: [PaxAttribute]

    /// Copies the metadata of a member.
    package init(_ member: Member) {
        mode = member.mode
        owner = member.owner
        modified = member.modified
        attributes = member.attributes.filter { AttributePolicy.isWanted(record: $0.key) }
    }

    /// The metadata of a directory that an archive only implies, as unpackers create it.
    package init() {
        mode = FileMode(rawValue: 0o755)
        owner = Ownership(user: 0, group: 0)
        modified = Timestamp(seconds: 1, nanoseconds: 0)
        attributes = []
    }

    /// A text that is the same for equal metadata only.
    package var fingerprint: String {
        let records = attributes.map { "\($0.key)=\($0.value)" }.joined()
        return "\(mode.rawValue) \(owner.user):\(owner.group) \(modified.seconds).\(modified.nanoseconds) \(records)"
    }
}
