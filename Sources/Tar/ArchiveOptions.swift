public import SystemCalls

/// Which names of one archive share an inode.
public enum ArchiveHardLinks: Sendable, Hashable {
    /// Those that do on disk.
    case preserve
    /// None: every file has its content.
    case `break`
    /// Files of equal content and metadata, whatever they do on disk; an empty file stands for itself. The
    /// archive of an optimised store is that of a plain one.
    case canonical
}

/// What an archive says of times.
public enum ArchiveTimes: Sendable, Hashable {
    /// This, in seconds since 1970.
    case fixed(Int64)
    /// The modification time of the source, to the nanosecond.
    case source
}

/// How an archive is packed.
public enum ArchiveCompression: Sendable, Hashable {
    /// Not at all.
    case none
    /// RFC 1952; a level from 1 to 12.
    case gzip(level: Int)
    /// RFC 8878; a level from 1 to 19.
    case zstd(level: Int)
}

/// Which modes an archive has.
public enum ArchiveModes: Sendable, Hashable {
    /// Those on disk.
    case source
    /// Those that Nix gives to what it takes into a store: 0555 for directories and what its owner may execute, else
    /// 0444. They follow from what a NAR tells.
    case store
}

/// What an archive is like: together with the content, all that its bytes depend on.
public struct ArchiveOptions: Sendable {
    /// The owner of everything; nil for the source's.
    public var owner: Ownership? = Ownership(user: 0, group: 0)
    /// The time of everything.
    public var times = ArchiveTimes.fixed(1)
    /// Which names share an inode.
    public var hardLinks = ArchiveHardLinks.canonical
    /// The modes of what comes from the disk.
    public var modes = ArchiveModes.source
    /// Packing.
    public var compression = ArchiveCompression.none
    /// Large files begin on a block boundary, so that file systems with reflinks share their extents with the archive.
    public var aligns = false
    /// Whether the archive becomes a layer of an image: names that begin with `.wh.`, which remove entries of the
    /// layers below, are an error. In other archives they cause a warning.
    public var isLayer = false
    /// The number of workers, on which the bytes do not depend; nil for one a processor, and at least two.
    public var workers: Int?
    /// The maximum number of names for one inode: ext4 holds 65,000, btrfs 65,535. Source: Linux, fs/ext4/ext4.h,
    /// EXT4_LINK_MAX.
    var maxNames = 65_000

    /// Numeric 0:0, time 1, canonical hard links, no compression.
    public init() {}
}
