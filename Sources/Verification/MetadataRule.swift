public import SystemCalls

/// What Nix makes of the metadata of all that is in a store. Source: Nix, `canonicalisePathMetaData`.
public struct MetadataRule: Hashable, Sendable {
    /// To whom all belongs; nil where that does not matter.
    public var owner: Ownership?
    /// The modification time of all, in seconds since 1970.
    public var modificationTime: Int64

    /// An owner and a time.
    public init(owner: Ownership?, modificationTime: Int64 = 1) {
        self.owner = owner
        self.modificationTime = modificationTime
    }

    /// What is wrong with an entry.
    func problems(of metadata: Metadata) -> [Finding.Problem] {
        var problems: [Finding.Problem] = []
        if let expected = Self.mode(for: metadata), expected != metadata.mode {
            problems.append(.mode(found: metadata.mode.rawValue, expected: expected.rawValue))
        }
        if metadata.modified != Timestamp(seconds: modificationTime, nanoseconds: 0) {
            problems.append(.time(expected: modificationTime))
        }
        if let owner, owner != metadata.owner { problems.append(.owner(found: metadata.owner, expected: owner)) }
        return problems
    }

    /// A symlink has none.
    private static func mode(for metadata: Metadata) -> FileMode? {
        switch metadata.kind {
        case .symlink: nil
        case .regular where !metadata.mode.contains(.ownerExecute): FileMode(rawValue: 0o444)
        default: FileMode(rawValue: 0o555)
        }
    }
}
