import Synchronization
import SystemCalls

/// A destination that is open for writing: a new and empty file, or an existing file or device.
struct CreatedFile: ~Copyable {
    let descriptor: Descriptor
    let isNew: Bool
    /// Whether the file becomes the copy. An existing device or pipe does not: bytes are written to it in order, and it
    /// keeps its metadata.
    let isCopy: Bool
    /// The mount and device that hold it.
    let volume: Volume
    let current: CurrentMetadata
    /// The right to write. Needed for existing files, and for new files that another worker can reach through a
    /// symlink.
    var claim: WriteClaim?

    consuming func close() throws(Errno) { try descriptor.close() }

    /// A file that existed, as a stat of its descriptor has found it.
    static func existing(
        _ descriptor: consuming Descriptor, _ found: Metadata, _ claim: WriteClaim, isNew: Bool = false
    ) -> CreatedFile {
        CreatedFile(
            descriptor: descriptor, isNew: isNew, isCopy: found.kind == .regular, volume: found.volume,
            current: CurrentMetadata(owner: found.owner, mode: nil, mayHaveACL: true), claim: claim)
    }
}

extension Worker {
    /// Creates the file, or opens the existing one as the options say; nil if that stays as it is.
    func createFile(_ site: CopySite, _ mode: FileMode, _ source: Metadata) throws(Failure) -> CreatedFile? {
        guard let way = site.way else {
            do throws(Errno) { return try create(site, mode) } catch {
                guard error == .exists else { throw failedCreation(error, site) }
            }
            var site = site
            site.way = try meet(site, source).way
            return try createFile(site, mode, source)
        }
        switch way {
        case .kept: return nil
        case .free: return try createFree(site, mode, source)
        case .taken: return try overwrite(site, mode)
        }
    }

    /// Where nothing was found there can be a symlink that leads to nothing.
    private func createFree(_ site: CopySite, _ mode: FileMode, _ source: Metadata) throws(Failure) -> CreatedFile {
        do throws(Errno) { return try create(site, mode) } catch {
            guard error == .exists, isSymlink(site) else { throw failedCreation(error, site) }
        }
        guard run.options.writesThroughDangling else {
            throw Failure(
                reason: .refused("not writing through dangling symlink \(site.destinationPath.quoted)"),
                side: .destination)
        }
        return try attempt(.create, .destination) { () throws(Errno) in
            let mode = run.options.mode(for: source).intersection(.permissions)
            let file = try site.destination.openOrCreate(site.name, mode)
            let (claim, found) = try claim(file)
            return .existing(file, found, claim)
        }
    }

    private func isSymlink(_ site: CopySite) -> Bool {
        (try? site.destination.metadata(of: site.name, following: false).kind) == .symlink
    }

    /// Linux says EISDIR to a new name with a slash at its end, which is true of neither.
    private func failedCreation(_ error: Errno, _ site: CopySite) -> Failure {
        let isMisleading = error == .isDirectory && site.name.bytes.last == Path.slash
        return .failed(.create, isMisleading ? .notDirectory : error, .destination)
    }

    private func create(_ site: CopySite, _ mode: FileMode) throws(Errno) -> CreatedFile {
        let descriptor = try site.destination.createFile(site.name, mode)
        if run.meetsSomething.load(ordering: .relaxed), run.options.actsAsGNU {
            return try claimNew(descriptor, mode)
        }
        guard let rule = site.rule else {
            let made = try descriptor.metadata()
            return CreatedFile(
                descriptor: descriptor, isNew: true, isCopy: true, volume: made.volume,
                current: CurrentMetadata(
                    owner: made.owner, mode: made.mode, mayHaveACL: site.root.target.hasDefaultACL))
        }
        return CreatedFile(
            descriptor: descriptor, isNew: true, isCopy: true, volume: site.ladder.destination,
            current: CurrentMetadata(
                owner: rule.owner, mode: rule.mode(afterCreating: mode), mayHaveACL: rule.inheritsACL))
    }

    /// Another worker may come to the new file through a symlink that was there, and be the first to claim it: what it
    /// has written then goes, and who may read it is again what was asked for.
    private func claimNew(_ file: consuming Descriptor, _ mode: FileMode) throws(Errno) -> CreatedFile {
        let (claim, found) = try claim(file)
        try file.truncate(to: 0)
        // A refusal is reported with the loss of the mode, once the file has its content.
        if !mode.isSuperset(of: found.mode.intersection(.permissions)) { try? file.setMode(mode) }
        return .existing(file, found, claim, isNew: true)
    }

    /// The right to write into the file, and a stat of it from after no other worker had that right.
    private func claim(_ file: borrowing Descriptor) throws(Errno) -> (WriteClaim, Metadata) {
        let claim = run.writes.claim(try file.metadata().identity)
        return (claim, try file.metadata())
    }

    private func overwrite(_ site: CopySite, _ mode: FileMode) throws(Failure) -> CreatedFile {
        let follows = site.parent == nil || run.options.actsAsGNU
        do throws(Errno) {
            let file = try site.destination.openForWriting(site.name, follows ? .none : .noFollow, waiting: true)
            let (claim, found) = try claim(file)
            return .existing(file, found, claim)
        } catch {
            guard run.overwriting.isForced else { throw .failed(.create, error, .destination) }
        }
        try remove(site)
        return try attempt(.create, .destination) { () throws(Errno) in try create(site, mode) }
    }
}
