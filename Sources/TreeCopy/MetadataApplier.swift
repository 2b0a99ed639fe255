import SystemCalls

/// What an entry should have in the end. nil leaves a property as the kernel made it.
struct WantedMetadata: Sendable {
    var owner: Ownership?
    var mode: FileMode?
    /// nil: ACLs are no concern. Otherwise the ACLs of the source; those that the entry inherited and
    /// that are not among them are removed.
    var accessLists: [ExtendedAttribute]?
    var attributes: [ExtendedAttribute]
    var accessed: Timestamp?
    var modified: Timestamp?
}

extension WantedMetadata {
    init(of source: Metadata, _ attributes: [ExtendedAttribute], _ options: CopyOptions) {
        let preserve = options.preserve
        owner = options.owner ?? (preserve.contains(.ownership) ? source.owner : nil)
        mode = options.mode(for: source)
        let lists = attributes.filter { $0.name.copyPolicy == .permissions }
        accessLists = preserve.contains(.mode) ? lists : nil
        let others = attributes.filter { $0.name.copyPolicy == .copy }
        self.attributes = preserve.contains(.attributes) ? others : []
        let fixed = options.fixedTime
        let keepsTimes = preserve.contains(.timestamps)
        accessed = fixed ?? (keepsTimes ? source.accessed : nil)
        modified = fixed ?? (keepsTimes ? source.modified : nil)
    }
}

extension CopyOptions {
    /// The mode of what is made for this source.
    func mode(for source: Metadata) -> FileMode {
        preserve.contains(.mode) ? source.mode : newMode.mode(of: source)
    }

    /// The time that every entry is to have, where one is given.
    var fixedTime: Timestamp? { modificationTime.map { Timestamp(seconds: $0, nanoseconds: 0) } }
}

extension NewMode {
    func mode(of source: Metadata) -> FileMode {
        switch self {
        case .masked(let mask):
            source.mode.intersection(.permissions).subtracting(FileMode(rawValue: mask))
        case .fresh(let mask):
            FileMode(rawValue: source.kind == .directory ? 0o777 : 0o666).subtracting(FileMode(rawValue: mask))
        }
    }
}

/// What is known of a new entry before its metadata is set.
struct CurrentMetadata: Sendable {
    var owner: Ownership
    /// nil when only the kernel knows.
    var mode: FileMode?
    var mayHaveACL: Bool
}

/// Brings a new entry's metadata to what is wanted, in the order that loses nothing: chown(2) clears set-id
/// bits and capabilities, chmod(2) rewrites an ACL's mask, and everything may change the times.
struct MetadataApplier {
    let authority: OwnerAuthority
    let toleratesLostAttributes: Bool

    func apply(
        _ wanted: WantedMetadata, to file: borrowing some MetadataTarget & ~Copyable, _ current: CurrentMetadata
    ) throws(Failure) {
        // Of something that was there and belongs to somebody else, it is the times that cannot be kept.
        if current.mode == nil { try setTimes(wanted, of: file) }
        var mode = wanted.mode
        var changed = false
        if let owner = wanted.owner, owner != current.owner {
            let kept = try attempt(.setOwner, .destination) { () throws(Errno) in
                try authority.set(owner, from: current.owner) { (user, group) throws(Errno) in
                    changed = true
                    try file.setOwner(user: user, group: group)
                }
            }
            if !kept { mode?.subtract(.special) }
        }
        for attribute in wanted.attributes { try set(attribute, on: file) }
        try applyPermissions(wanted, mode, to: file, current, isStale: changed)
        try setTimes(wanted, of: file)
    }

    private func setTimes(
        _ wanted: WantedMetadata, of file: borrowing some MetadataTarget & ~Copyable
    ) throws(Failure) {
        guard let accessed = wanted.accessed, let modified = wanted.modified else { return }
        try attempt(.setTimes, .destination) { () throws(Errno) in
            try file.setTimes(accessed: accessed, modified: modified)
        }
    }

    private func applyPermissions(
        _ wanted: WantedMetadata, _ mode: FileMode?, to file: borrowing some MetadataTarget & ~Copyable,
        _ current: CurrentMetadata, isStale: Bool
    ) throws(Failure) {
        if let lists = wanted.accessLists, current.mayHaveACL {
            for name in [AttributeName.accessACL, .defaultACL] where !lists.contains(where: { $0.name == name }) {
                try attempt(.setACL, .destination) { () throws(Errno) in try file.removeAttribute(name) }
            }
        }
        if let mode, isStale || current.mayHaveACL || mode != current.mode {
            try attempt(.setMode, .destination) { () throws(Errno) in try file.setMode(mode) }
        }
        for list in wanted.accessLists ?? [] { try set(list: list, on: file) }
    }

    private func set(
        _ attribute: ExtendedAttribute, on file: borrowing some MetadataTarget & ~Copyable
    ) throws(Failure) {
        do throws(Errno) { try file.setAttribute(attribute) } catch {
            // Which label a file may have is the destination's policy to say, and it has given it one.
            if attribute.name == .securityLabel { return }
            guard toleratesLostAttributes, error == .notSupported || error == .notPermitted else {
                throw .failed(.setAttributes, error, .destination)
            }
        }
    }

    private func set(
        list: ExtendedAttribute, on file: borrowing some MetadataTarget & ~Copyable
    ) throws(Failure) {
        try attempt(.setACL, .destination) { () throws(Errno) in try file.setAttribute(list) }
    }
}

/// The attributes of an open source that copying has to think of. An ACL that says no more than the mode is
/// left out: it is no loss where the destination has no ACLs. Source: acl_equiv_mode(3).
func attributesToKeep(
    of file: borrowing some OpenFile & ~Copyable, _ preserve: Preserve
) throws(Failure) -> [ExtendedAttribute] {
    guard !preserve.isDisjoint(with: [.attributes, .mode]) else { return [] }
    return try attempt(.readAttributes, .source) { () throws(Errno) in
        var attributes = try file.extendedAttributes()
        if let index = attributes.firstIndex(where: { $0.name == .accessACL }), try file.accessACLEqualsMode() {
            attributes.remove(at: index)
        }
        return attributes
    }
}
