public import SystemCalls

/// How a regular file reaches the destination.
public enum Strategy: String, Sendable, CaseIterable {
    /// The same inode under a second name: link(2).
    case hardlink
    /// A new inode that shares the extents: ioctl_ficlone(2).
    case reflink
    /// A new inode with its own bytes.
    case copy
}

/// Which strategies a run may use, the best first.
public enum StrategyChoice: Sendable, Hashable {
    /// Reflink where both file systems can, else copy. Never shares an inode with the source.
    case auto
    /// Hard links where they are possible, else as `auto`.
    case hardlink
    /// Reflink, else copy.
    case reflink
    /// Copy, without sharing extents.
    case copy
    /// No files at all, but symlinks to the sources by the names that they were given: `cp -s`.
    case symlink
}

/// What a copy keeps of its source, beside its bytes and kind.
public struct Preserve: OptionSet, Sendable, Hashable {
    /// The set as bits.
    public let rawValue: Int
    /// Takes the set as bits.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// Permission bits with setuid, setgid and sticky, and the ACLs.
    public static let mode = Preserve(rawValue: 1)
    /// User and group, where the caller may set them.
    public static let ownership = Preserve(rawValue: 2)
    /// Access and modification time in nanoseconds.
    public static let timestamps = Preserve(rawValue: 4)
    /// Hard links among the files of one run.
    public static let links = Preserve(rawValue: 8)
    /// Extended attributes that libattr's policy lets through, file capabilities among them.
    public static let attributes = Preserve(rawValue: 16)

    /// Everything.
    public static let all = Preserve(rawValue: 31)
}

/// The mode of a new file when the source's is not kept.
public enum NewMode: Sendable, Hashable {
    /// The source's permission bits without those of the mask, as cp does.
    case masked(UInt32)
    /// 0666, for directories 0777, without those of the mask: `cp --no-preserve=mode`.
    case fresh(UInt32)
}

/// When symlinks in the source are replaced by what they point at.
public enum Dereference: Sendable, Hashable {
    /// Never: a symlink is copied as a symlink.
    case never
    /// Only those that are named as sources.
    case operands
    /// All.
    case always
}

/// How holes are made in copies.
public enum Sparse: Sendable, Hashable {
    /// Where the source has them.
    case auto
    /// Also where the source has blocks of zeros.
    case always
    /// Nowhere.
    case never
}

/// When an inode may be shared with the source.
public enum LinkPolicy: Sendable, Hashable {
    /// Always, also where the kernel first copies the file up from an overlay's lower layer: GNU's `cp -l`.
    case forced
    /// Wherever a link is what the kernel makes of it: one system call a file.
    case any
    /// Only files that have content, and that already are as the copy has to be: for roots that somebody
    /// will write to. An empty file saves nothing, is a lock file or a placeholder that programs fill,
    /// and is what reaches the limit of links first.
    case unchanging
}

/// How a run copies. The defaults keep everything and share no inode.
public struct CopyOptions: Sendable {
    /// The strategies, best first.
    public var strategy = StrategyChoice.auto
    /// No stepping down to the next strategy: what the first cannot do is an error.
    public var isStrict = false
    /// When hard links to the source are allowed.
    public var linkPolicy = LinkPolicy.any
    /// What is kept.
    public var preserve = Preserve.all
    /// The mode where it is not kept.
    public var newMode = NewMode.masked(0o022)
    /// What happens to files that are there already.
    public var existing = Existing.overwrite(force: false)
    /// Where links are not kept, a file at the destination that has other names is written into, and so changes
    /// under all of them: GNU's cp does that. Otherwise it is replaced, for one of them may be in the store.
    public var writesIntoShared = false
    /// GNU cp's ways where repot's are safer: symlinks at the destination are followed below a root as well,
    /// directories that their owner has closed stay closed, and what could not be completed stays.
    public var actsAsGNU = false
    /// A symlink to nothing at the destination is written through, as POSIX wants it.
    public var writesThroughDangling = false
    /// Files get all but their bytes.
    public var onlyAttributes = false
    /// Which symlinks are followed.
    public var dereference = Dereference.never
    /// How holes are made.
    public var sparse = Sparse.auto
    /// Directories are copied with what is in them; otherwise they are left out with an error.
    public var isRecursive = true
    /// FIFOs, sockets and devices are made anew, rather than read.
    public var copiesSpecialFiles = true
    /// A symlink to a directory at the destination counts as that directory.
    public var keepsDirectorySymlinks = false
    /// Mount points below a source are made as empty directories.
    public var staysOnFileSystem = false
    /// Every entry belongs to this owner instead of the source's.
    public var owner: Ownership?
    /// Every entry has this modification and access time, in seconds since 1970, instead of the source's.
    public var modificationTime: Int64?
    /// Failing to keep an extended attribute is passed over, as `cp -a` does.
    public var toleratesLostAttributes = false
    /// The number of workers; nil for one a processor, and at least two.
    public var workers: Int?
    /// Whether everything is on disk when the run ends, and the content of a new root before the root gets its name.
    public var syncs = false
    /// The time at which the machine was started. Existing store paths that are older are compared with their source.
    package var bootTime = machineStartTime()

    /// Everything is kept, no inode shared.
    public init() {}

    /// Whether the strategy is tried for each file, although another file was refused: GNU cp has a message for each.
    func triesEach(_ strategy: StrategyChoice) -> Bool { actsAsGNU && isStrict && self.strategy == strategy }
}
