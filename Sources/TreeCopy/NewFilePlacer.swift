import Synchronization
import SystemCalls

/// Makes a new inode, filled by reflink or by copy, with the source's metadata.
enum NewFilePlacer: FilePlacer {
    static func place(_ site: CopySite, _ worker: inout Worker) throws(Failure) -> Placement {
        let source = try worker.run.openSource(.openContent, site.openOptions) { options throws(Errno) in
            try site.source.openFile(site.sourceName, options, waiting: site.isStream)
        }
        // Before the stat: reading attributes gives a file below /sys a new modification time.
        let attributes = worker.run.options.attributes(of: source) { [run = worker.run] in run.add($0, site) }
        let metadata = try attempt(.inspect, .source) { () throws(Errno) in try source.metadata() }
        let readsAll = !worker.run.options.copiesSpecialFiles && metadata.kind != .directory
        guard metadata.kind == .regular || readsAll else { throw .otherKind }
        guard worker.run.mayMeetAgain(metadata, site) else {
            return try make(site, source, metadata, attributes, worker)
        }
        return try worker.shareOrMake(metadata.identity, site) { worker throws(Failure) in
            try make(site, source, metadata, attributes, worker)
        }
    }

    /// Where modes are not kept, an inherited ACL takes the mask's place. Source: acl(5).
    private static func leavesModeToInheritance(_ site: CopySite, _ options: CopyOptions) -> Bool {
        guard !options.preserve.contains(.mode), case .masked = options.newMode else { return false }
        return site.rule?.inheritsACL ?? site.root.target.hasDefaultACL
    }

    /// Creates, fills and completes the file. A new file without its content is removed; one with its content stays,
    /// also if some of its metadata cannot be kept.
    private static func make(
        _ site: CopySite, _ source: borrowing Descriptor, _ metadata: Metadata, _ attributes: [ExtendedAttribute],
        _ worker: borrowing Worker
    ) throws(Failure) -> Placement {
        let options = worker.run.options
        var wanted = WantedMetadata(of: metadata, attributes, options)
        var creation = creationMode(wanted, site, worker.run.authority)
        if leavesModeToInheritance(site, options) {
            wanted.mode = nil
            creation = metadata.mode.intersection(.permissions)
        }
        guard let file = try worker.createFile(site, creation, metadata) else { return .skipped }
        if !file.isNew, !options.preserve.contains(.mode) { wanted.mode = nil }
        let isNew = file.isNew
        do throws(Failure) {
            try complete(file, wanted, site, source, metadata, worker)
        } catch {
            // A partial file that cannot be removed either stays under its name; the error has its path.
            if isNew, !options.actsAsGNU || isRefusedClone(error, options) { try? site.destination.unlink(site.name) }
            throw error
        }
        return .placed
    }

    /// `--reflink=always` leaves no empty file. Source: coreutils 9.2 NEWS.
    private static func isRefusedClone(_ failure: Failure, _ options: CopyOptions) -> Bool {
        guard options.triesEach(.reflink), case .failed(.clone, _) = failure.reason else { return false }
        return true
    }

    private static func complete(
        _ file: consuming CreatedFile, _ wanted: WantedMetadata, _ site: CopySite,
        _ source: borrowing Descriptor, _ metadata: Metadata, _ worker: borrowing Worker
    ) throws(Failure) {
        let run = worker.run
        let strategy =
            run.options.onlyAttributes ? .copy : try worker.fill(file, from: source, metadata, site)
        if !run.options.onlyAttributes, let onEvent = run.onEvent {
            onEvent(.filled(worker.method(strategy, metadata, site)))
        }
        if file.isCopy {
            let target = MetadataTrust.Target(kind: .regular, volume: file.volume)
            worker.apply(wanted, to: file.descriptor, file.current, as: target) { run.add($0, site) }
        }
        if let durability = run.durability, !file.isCopy || !durability.covers(file.volume.device) { try sync(file) }
        do throws(Errno) { try file.close() } catch { throw .failed(.close, error, .destination) }
        let tally = worker.tally
        if strategy == .reflink { tally.cloned.increment() } else { tally.copied.increment() }
        if !run.options.onlyAttributes { tally.bytes.add(Int(metadata.size)) }
    }

    /// Syncs a device, or an existing file on another file system than its directory. Pipes cannot be synced.
    private static func sync(_ file: borrowing CreatedFile) throws(Failure) {
        do throws(Errno) { try file.descriptor.sync() } catch {
            if file.isCopy || error != .invalid { throw .failed(.sync, error, .destination) }
        }
    }

    /// What open(2) may give at once: nothing to others while the owner is not the right one or an ACL is
    /// inherited (its mask comes from the mode), no set-id bits, and write permission where attributes have to
    /// be set (xattr(7)).
    private static func creationMode(
        _ wanted: WantedMetadata, _ site: CopySite, _ authority: OwnerAuthority
    ) -> FileMode {
        let mode = wanted.mode ?? .ownerReadWrite
        let owner = wanted.owner ?? authority.caller
        guard let rule = site.rule, !rule.inheritsACL,
            owner == rule.owner || !authority.mayAttain(owner, from: rule.owner)
        else { return .ownerReadWrite }
        let isPlain = wanted.attributes.isEmpty && (wanted.accessLists ?? []).isEmpty
        return isPlain ? mode.intersection(.permissions) : mode.intersection(.permissions).union(.ownerReadWrite)
    }
}

extension Worker {
    /// Links to the copy of the inode that this run has made, or makes it. A copy that takes no more links,
    /// or that went away with a failed root, is followed by a new generation.
    mutating func shareOrMake(
        _ file: FileIdentity, _ site: CopySite, _ make: (inout Worker) throws(Failure) -> Placement
    ) throws(Failure) -> Placement {
        while true {
            guard case .made(let place) = run.hardLinks.claim(file) else { break }
            if try staysAsItIs(site) { return .skipped }
            if try link(site, to: place) {
                tally.relinked.increment()
                return .placed
            }
            run.hardLinks.forget(file, at: place)
        }
        do throws(Failure) {
            let placement = try make(&self)
            guard case .placed = placement else {
                run.hardLinks.settle(file, at: nil)
                return placement
            }
            site.parent?.holdsFirstLinks.store(true, ordering: .relaxed)
            run.hardLinks.settle(file, at: HardLinkTable.Place(site))
            return placement
        } catch {
            run.hardLinks.settle(file, at: nil)
            throw error
        }
    }

    /// Whether something has the name, and the options leave it there.
    private func staysAsItIs(_ site: CopySite) throws(Failure) -> Bool {
        guard run.options.existing == .skip else { return false }
        do throws(Errno) {
            _ = try site.destination.metadata(of: site.name, following: false)
            run.onEvent?(.skipped(site.destinationPath))
            return true
        } catch {
            guard error == .notFound else { throw .failed(.inspect, error, .destination) }
            return false
        }
    }

    /// False when the place has EMLINK, or is gone.
    func link(_ site: CopySite, to place: HardLinkTable.Place) throws(Failure) -> Bool {
        guard let directory = try existing(place) else { return false }
        do throws(Errno) {
            try place.withCurrentName { name throws(Errno) in try linkReplacing(site, directory, name) }
            return true
        } catch {
            if error == .tooManyLinks || error == .notFound { return false }
            throw .failed(.link, error, .destination)
        }
    }

    /// nil when the place went away with its root.
    private func existing(_ place: HardLinkTable.Place) throws(Failure) -> Directory? {
        do throws(Failure) { return try place.directory() } catch {
            guard error.reason == .failed(.open, .notFound) else { throw error }
            return nil
        }
    }

    private func linkReplacing(_ site: CopySite, _ directory: Directory, _ name: Name) throws(Errno) {
        func makeLink(_ new: Name) throws(Errno) {
            try site.destination.link(new, from: directory, name, following: site.follows)
        }
        do throws(Errno) { return try makeLink(site.name) } catch {
            guard error == .exists, case .overwrite = run.options.existing else { throw error }
        }
        do throws(Failure) { try refuseCollision(site, .link) } catch { throw .exists }
        let present = try site.destination.metadata(of: site.name, following: false)
        if present.identity != (try directory.metadata(of: name, following: site.follows)).identity {
            try site.replacing(makeLink)
        }
        // GNU cp reports a removal also where the two names are one file already.
        run.onEvent?(.removed(site.destinationPath))
    }
}
