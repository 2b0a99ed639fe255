public import SystemCalls

/// What an archive holds.
public struct ArchiveReport: Sendable, Hashable {
    /// Members of all kinds.
    public var members = 0
    /// Regular files with content of their own.
    public var files = 0
    /// Further names of such files.
    public var links = 0
    /// Extended attributes, ACLs among them, that it tells of.
    public var attributes = 0
    /// The content of the files.
    public var contentBytes: Int64 = 0
    /// The size of the archive, before it was packed.
    public var archiveBytes: Int64 = 0
    /// The bytes that share extents with their source.
    public var sharedBytes: Int64 = 0
    /// Why no extents are shared at all, where the output is a file and it was tried.
    public var sharingRefusal: Errno?
    /// The first thousand warnings: about entries that are left out of the archive, or that some readers ignore.
    public var warnings: [ArchiveError] = []
    /// The number of all warnings.
    public var warningCount = 0
    /// From the first system call to the last.
    public var seconds = 0.0

    /// An empty report.
    public init() {}
}
