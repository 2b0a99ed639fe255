import SystemCalls

/// Finds names that the file system of the destination does not distinguish, such as `README` and `readme`: the second
/// one leads to the inode of the first.
struct NameCollisions: Sendable {
    /// Mounts are part of it, since a directory may be mounted a second time beside itself.
    private struct Key: Hashable {
        let directory: Path
        let identity: FileIdentity
        let mount: UInt64
    }

    private var names: [Key: Path] = [:]

    /// Adds an existing entry, which has been found under that path.
    ///
    /// - Throws: an error if another entry of its directory has the same inode and no hard link explains it.
    mutating func insert(_ path: Path, _ metadata: Metadata, in destination: Path) throws(PathError) {
        guard metadata.kind == .directory || metadata.links < 2 else { return }
        let key = Key(directory: path.parent, identity: metadata.identity, mount: metadata.mount)
        guard let other = names.updateValue(path, forKey: key), other != path else { return }
        throw PathError(
            path,
            "\(destination.appending(path).quoted) and \(destination.appending(other).quoted) are the same name for the "
                + "file system of the destination; choose another destination")
    }
}
