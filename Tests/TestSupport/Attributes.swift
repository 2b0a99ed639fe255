import Glibc

/// The metadata to give to an entry; what is nil stays as the file system made it, but for the mode.
public struct Attributes: Sendable {
    /// 07777. Files default to 0644 and directories to 0755, whatever the umask is.
    public var mode: UInt16?
    /// The owner; only root may change it.
    public var owner: UInt32?
    /// The group; an ordinary user may choose among their own.
    public var group: UInt32?
    /// When the content changed last.
    public var modified: Timestamp?
    /// When the content was read last.
    public var accessed: Timestamp?
    /// Extended attributes by their full names, such as `user.colour`.
    public var extended: [ByteString: [UInt8]]
    /// With `mode` given as well, the mode's group bits become the mask of this list.
    public var accessList: AccessList?
    /// For directories only.
    public var defaultAccessList: AccessList?

    /// Names only what differs from what the file system does by itself.
    public init(
        mode: UInt16? = nil, owner: UInt32? = nil, group: UInt32? = nil, modified: Timestamp? = nil,
        accessed: Timestamp? = nil, extended: [ByteString: [UInt8]] = [:], accessList: AccessList? = nil,
        defaultAccessList: AccessList? = nil
    ) {
        self.mode = mode
        self.owner = owner
        self.group = group
        self.modified = modified
        self.accessed = accessed
        self.extended = extended
        self.accessList = accessList
        self.defaultAccessList = defaultAccessList
    }
}

extension Attributes {
    /// Sets it all on `name` in `directory`, in an order in which no step undoes another.
    ///
    /// The owner comes first, for chown clears set-id bits and capabilities; the times come last.
    func apply(to name: ByteString, in directory: Descriptor) throws(TestError) {
        let status = try directory.status(of: name)
        try applyOwner(name, directory)
        try applyExtended(name, directory)
        try applyMode(name, directory, EntryKind(mode: status.st_mode))
        try applyTimes(name, directory)
    }

    private func applyOwner(_ name: ByteString, _ directory: Descriptor) throws(TestError) {
        if owner == nil && group == nil { return }
        let unchanged = UInt32.max
        try check("chown", name) {
            fchownat(
                directory.number, name.cString, owner ?? unchanged, group ?? unchanged, AT_SYMLINK_NOFOLLOW)
        }
    }

    private func applyExtended(_ name: ByteString, _ directory: Descriptor) throws(TestError) {
        let store = AttributeStore(of: name, in: directory)
        for (attribute, value) in extended.sorted(by: { $0.key < $1.key }) {
            try store.set(attribute, to: value)
        }
        if let accessList { try store.set(AccessList.accessName, to: accessList.encoded) }
        if let defaultAccessList { try store.set(AccessList.defaultName, to: defaultAccessList.encoded) }
    }

    /// A symbolic link has no mode of its own; an access list alone determines the mode.
    private func applyMode(
        _ name: ByteString, _ directory: Descriptor, _ kind: EntryKind?
    ) throws(TestError) {
        if kind == .symbolicLink || mode == nil && accessList != nil { return }
        let mode = mode_t(mode ?? (kind == .directory ? 0o755 : 0o644))
        try check("chmod", name) { fchmodat(directory.number, name.cString, mode, 0) }
    }

    private func applyTimes(_ name: ByteString, _ directory: Descriptor) throws(TestError) {
        if modified == nil && accessed == nil { return }
        let omitted = Timestamp(seconds: 0, nanoseconds: Linux.omitTime)
        let times = [(accessed ?? omitted).timespec, (modified ?? omitted).timespec]
        try check("utimensat", name) {
            utimensat(directory.number, name.cString, times, AT_SYMLINK_NOFOLLOW)
        }
    }
}
