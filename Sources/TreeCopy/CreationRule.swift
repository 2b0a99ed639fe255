import SystemCalls

/// The owner and mode that the kernel gives to a new entry of a directory, so that a value that already holds is not
/// set again. File systems with rules of their own are found by ``MetadataTrust``.
struct CreationRule: Sendable {
    /// The owner of a new entry: the caller, with the directory's group below a setgid directory or on a
    /// mount with `grpid`. Source: open(2), mkdir(2).
    let owner: Ownership
    /// New directories are setgid as well.
    let inheritsSetGroup: Bool
    /// New entries get an ACL, and the mask does not apply. Source: acl(5), 'OBJECT CREATION AND DEFAULT ACLs'.
    let inheritsACL: Bool
    /// The bits that the process takes from the mode of a new entry.
    let mask: FileMode
}

extension CreationRule {
    /// The rule inside a directory that is there already.
    init(inside directory: Metadata, hasDefaultACL: Bool, caller: Ownership, mask: FileMode) {
        let isSetGroup = directory.mode.contains(.setGroup)
        // On a mount with `grpid` the directory's group is passed on as well: then nobody knows, and asking
        // for the wanted group costs one chown(2).
        let isCertain = isSetGroup || directory.owner.group == caller.group
        owner = Ownership(user: caller.user, group: isCertain ? directory.owner.group : .max)
        inheritsSetGroup = isSetGroup
        inheritsACL = hasDefaultACL
        self.mask = mask
    }

    /// The mode that an entry has after it was created with `mode`; nil if an inherited ACL decides.
    func mode(afterCreating mode: FileMode) -> FileMode? {
        inheritsACL ? nil : mode.subtracting(mask)
    }

    /// The mode that a directory has after it was made with `mode`.
    func mode(afterMaking mode: FileMode) -> FileMode? {
        guard let plain = self.mode(afterCreating: mode) else { return nil }
        return inheritsSetGroup ? plain.union(.setGroup) : plain
    }
}
