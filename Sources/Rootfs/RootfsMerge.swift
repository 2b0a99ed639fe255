import NixClosure
import SystemCalls

/// The existing entries of a destination with which the entries of profiles are merged.
struct RootfsMerge {
    /// The store in the destination.
    var store: Store?
    /// The same store, if an earlier run may have moved store paths there.
    var moved: Store?
    /// The existing directories, and the existing symlinks to directories in the store.
    var entries: [Path: Claim.Content] = [:]
}

/// A symlink to a directory in the store that becomes a directory of symlinks, since another profile has a directory of
/// that name too.
struct LinkExpansion: Sendable {
    let path: Path
    /// The entries of the new directory, each directory before its entries.
    let entries: [RootfsEntry]
}
