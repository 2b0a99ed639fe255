/// Anything whose metadata can be set: an open file, or an entry that cannot be opened.
package protocol MetadataTarget: ~Copyable {
    /// statx(2).
    func metadata() throws(Errno) -> Metadata
    /// chown(2); nil leaves that number as it is.
    func setOwner(user: UInt32?, group: UInt32?) throws(Errno)
    /// chmod(2).
    func setMode(_ mode: FileMode) throws(Errno)
    /// utimensat(2).
    func setTimes(accessed: Timestamp, modified: Timestamp) throws(Errno)
    /// setxattr(2).
    func setAttribute(_ attribute: ExtendedAttribute) throws(Errno)
    /// removexattr(2); an attribute that is not there counts as removed.
    func removeAttribute(_ name: AttributeName) throws(Errno)
}

/// A symlink or a special file, reached by its name in an open directory and never followed.
package struct NamedEntry: MetadataTarget {
    let directory: Directory
    let name: Name
    let isSymlink: Bool

    package init(_ name: Name, in directory: Directory, isSymlink: Bool) {
        self.directory = directory
        self.name = name
        self.isSymlink = isSymlink
    }

    package func metadata() throws(Errno) -> Metadata { try directory.metadata(of: name, following: false) }

    package func setOwner(user: UInt32?, group: UInt32?) throws(Errno) {
        try directory.setOwner(of: name, user: user, group: group)
    }

    /// A symlink has no mode to set. Source: symlink(7).
    package func setMode(_ mode: FileMode) throws(Errno) {
        if !isSymlink { try directory.setMode(of: name, mode) }
    }

    package func setTimes(accessed: Timestamp, modified: Timestamp) throws(Errno) {
        try directory.setTimes(of: name, accessed: accessed, modified: modified)
    }

    package func setAttribute(_ attribute: ExtendedAttribute) throws(Errno) {
        try directory.setAttribute(of: name, attribute)
    }

    package func removeAttribute(_ attribute: AttributeName) throws(Errno) {
        try directory.removeAttribute(of: name, attribute)
    }
}
