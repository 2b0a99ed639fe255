import SystemCalls

/// The metadata that an entry is to have in the end. nil leaves a property as the kernel made it.
struct WantedMetadata: Sendable {
    var owner: Ownership?
    var mode: FileMode?
    /// The ACLs of the source, in place of those that the entry inherited; nil leaves these.
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
        let others = attributes.filter { [.copy, .ifPossible].contains($0.name.copyPolicy) }
        self.attributes = preserve.contains(.attributes) ? others : []
        let fixed = options.fixedTime
        let keepsTimes = preserve.contains(.timestamps)
        accessed = fixed ?? (keepsTimes ? source.accessed : nil)
        modified = fixed ?? (keepsTimes ? source.modified : nil)
    }
}

extension CopyOptions {
    /// The mode of the entry that is made for this source. A file whose owner changes loses its set-ID bits: they would
    /// grant the rights of the new owner.
    func mode(for source: Metadata) -> FileMode {
        let mode = preserve.contains(.mode) ? source.mode : newMode.mode(of: source)
        guard source.kind == .regular, let owner, owner != source.owner else { return mode }
        return mode.subtracting([.setUser, .setGroup])
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

/// The known metadata of an entry before any is set.
struct CurrentMetadata: Sendable {
    var owner: Ownership
    /// The mode; nil if it is unknown.
    var mode: FileMode?
    var mayHaveACL: Bool
}

/// Gives an entry its metadata, in the order that loses nothing: chown(2) clears set-id bits and capabilities,
/// chmod(2) rewrites an ACL's mask, and all of them may change the times. A step that fails does not prevent the
/// others, except under the name `cp`.
struct MetadataApplier {
    private let authority: OwnerAuthority
    private let options: CopyOptions
    /// The steps that failed, in their order.
    private(set) var losses: [Failure] = []
    /// The mode and owner that the entry must have now; nil if they are not wanted or cannot be set.
    private(set) var expectedMode: FileMode?
    private(set) var expectedOwner: Ownership?

    init(_ authority: OwnerAuthority, _ options: CopyOptions) {
        self.authority = authority
        self.options = options
    }

    mutating func apply(
        _ wanted: WantedMetadata, to file: borrowing some MetadataTarget & ~Copyable, _ current: CurrentMetadata
    ) {
        // An existing file of another owner takes no times: that is the failure that GNU cp reports.
        if current.mode == nil { setTimes(wanted, of: file) }
        let canSetTimes = losses.isEmpty
        var mode = wanted.mode
        var changed = false
        if let owner = wanted.owner {
            var isKept = owner == current.owner
            if !isKept {
                keep(.setOwner) { [authority] () throws(Errno) in
                    isKept = try authority.set(owner, from: current.owner) { (user, group) throws(Errno) in
                        changed = true
                        try file.setOwner(user: user, group: group)
                    }
                }
            }
            if isKept { expectedOwner = owner } else { mode?.subtract(.special) }
        }
        for attribute in wanted.attributes { set(attribute, on: file) }
        applyPermissions(wanted, mode, to: file, current, isStale: changed)
        if options.preserve.contains(.mode) { expectedMode = mode }
        if canSetTimes { setTimes(wanted, of: file) }
    }

    /// Compares mode and owner with a stat, since some file systems have their own and accept any call. Returns whether
    /// the next entry of this kind, mode and owner can be trusted to have them too.
    mutating func verify(_ file: borrowing some MetadataTarget & ~Copyable) -> Bool {
        guard let found = stat(file) else { return false }
        var isAsExpected = true
        if let owner = expectedOwner, found.owner != owner {
            isAsExpected = false
            keep(.setOwner) { [authority] () throws(Errno) in
                let isKept = try authority.set(owner, from: found.owner) { (user, group) throws(Errno) in
                    try file.setOwner(user: user, group: group)
                }
                if isKept, try file.metadata().owner != owner { throw .notSupported }
            }
        }
        if let mode = expectedMode, found.kind != .symlink, found.mode != mode || !isAsExpected {
            if found.mode != mode { isAsExpected = false }
            keep(.setMode) { [options] () throws(Errno) in
                try file.setMode(mode)
                // GNU cp believes the call.
                if !options.actsAsGNU, try file.metadata().mode != mode { throw .notSupported }
            }
        }
        return isAsExpected
    }

    private mutating func stat(_ file: borrowing some MetadataTarget & ~Copyable) -> Metadata? {
        do throws(Errno) { return try file.metadata() } catch {
            losses.append(.failed(.inspect, error, .destination))
            return nil
        }
    }

    /// GNU cp gives up at the first loss.
    private var hasGivenUp: Bool { options.actsAsGNU && !losses.isEmpty }

    private mutating func keep(_ operation: Operation, _ step: () throws(Errno) -> Void) {
        if hasGivenUp { return }
        do throws(Errno) { try step() } catch { losses.append(.failed(operation, error, .destination)) }
    }

    private mutating func setTimes(
        _ wanted: WantedMetadata, of file: borrowing some MetadataTarget & ~Copyable
    ) {
        guard let accessed = wanted.accessed, let modified = wanted.modified else { return }
        keep(.setTimes) { () throws(Errno) in try file.setTimes(accessed: accessed, modified: modified) }
    }

    private mutating func applyPermissions(
        _ wanted: WantedMetadata, _ mode: FileMode?, to file: borrowing some MetadataTarget & ~Copyable,
        _ current: CurrentMetadata, isStale: Bool
    ) {
        if let lists = wanted.accessLists, current.mayHaveACL {
            for name in [AttributeName.accessACL, .defaultACL] where !lists.contains(where: { $0.name == name }) {
                keep(.setACL) { () throws(Errno) in try file.removeAttribute(name) }
            }
        }
        if let mode, isStale || current.mayHaveACL || mode != current.mode {
            keep(.setMode) { () throws(Errno) in try file.setMode(mode) }
        }
        for list in wanted.accessLists ?? [] {
            keep(.setACL) { () throws(Errno) in try file.setAttribute(list) }
        }
    }

    private mutating func set(
        _ attribute: ExtendedAttribute, on file: borrowing some MetadataTarget & ~Copyable
    ) {
        if hasGivenUp { return }
        do throws(Errno) { try file.setAttribute(attribute) } catch {
            if options.toleratesLostAttributes || attribute.name.copyPolicy == .ifPossible { return }
            if authority.isRefused(attribute.name, error) { return }
            losses.append(.failed(.setAttributes, error, .destination))
        }
    }
}

extension Worker {
    /// Gives the entry its metadata, and reports each loss.
    func apply(
        _ wanted: WantedMetadata, to file: borrowing some MetadataTarget & ~Copyable, _ current: CurrentMetadata,
        as target: MetadataTrust.Target, report: (Failure) -> Void
    ) {
        var applier = MetadataApplier(run.authority, run.options)
        applier.apply(wanted, to: file, current)
        if applier.losses.isEmpty {
            trust.check(target, applier.expectedMode, applier.expectedOwner) { applier.verify(file) }
        }
        applier.losses.forEach(report)
    }
}
