/// What a comparison of two trees may be told to leave out, or to take in.
///
/// Never left out: which entries there are, their types, contents, link targets and device numbers.
public enum Aspect: String, Sendable, CaseIterable {
    case owner
    case group
    case mode
    /// All modification times, whatever the entry.
    case times
    case symlinkTimes
    case directoryTimes
    case rootTimes
    /// All metadata of the root; its type still counts.
    case root
    /// Extended attributes other than the ACLs.
    case xattrs
    case acls
    /// Which names share an inode.
    case links
    /// Where the holes lie.
    case holes
    /// Compared only on demand, for it depends on the file system.
    case allocation
    /// Compared only on demand, for every reader changes them.
    case accessTimes

    /// Those that no comparison looks at unless it is told to.
    static let onDemand: Set<Aspect> = [.allocation, .accessTimes]
}
