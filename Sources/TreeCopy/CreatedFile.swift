import SystemCalls

/// A destination file, open for writing and empty, or there before and about to be overwritten.
struct CreatedFile: ~Copyable {
    let descriptor: Descriptor
    let isNew: Bool
    /// False for a device or a pipe that was there: it is written to, and is not the copy.
    let isCopy: Bool
    let current: CurrentMetadata

    consuming func close() throws(Errno) { try descriptor.close() }
}

extension Worker {
    /// Creates the file, or opens the one that is there as the options say; nil when it is to stay.
    func createFile(_ site: CopySite, _ mode: FileMode, _ source: Metadata) throws(Failure) -> CreatedFile? {
        do throws(Errno) {
            return try create(site, mode)
        } catch {
            // Linux says EISDIR to a new name with a slash at its end, which is true of neither.
            let isMisleading = error == .isDirectory && site.name.bytes.last == Path.slash
            guard error == .exists else { throw .failed(.create, isMisleading ? .notDirectory : error, .destination) }
        }
        guard case .overwrite(let force) = run.options.existing else {
            if run.options.existing == .skip { return nil }
            throw .failed(.create, .exists, .destination)
        }
        return try overwrite(site, mode, source, force: force)
    }

    private func create(_ site: CopySite, _ mode: FileMode) throws(Errno) -> CreatedFile {
        let descriptor = try site.destination.createFile(site.name, mode)
        guard let rule = site.rule else {
            let made = try descriptor.metadata()
            return CreatedFile(
                descriptor: descriptor, isNew: true, isCopy: true,
                current: CurrentMetadata(
                    owner: made.owner, mode: made.mode, mayHaveACL: site.root.target.hasDefaultACL))
        }
        return CreatedFile(
            descriptor: descriptor, isNew: true, isCopy: true,
            current: CurrentMetadata(
                owner: rule.owner, mode: rule.mode(afterCreating: mode), mayHaveACL: rule.inheritsACL))
    }

    /// A file with other names is replaced rather than written into: one of those names may be in the store. A
    /// symlink is followed at a root only, and replaced below.
    private func overwrite(
        _ site: CopySite, _ mode: FileMode, _ source: Metadata, force: Bool
    ) throws(Failure) -> CreatedFile {
        let isRoot = site.parent == nil
        let present = try presence(site, isRoot: isRoot)
        try refuseOverwriting(present, site, source)
        let mayStay = run.options.writesIntoShared && !run.options.preserve.contains(.links)
        let isShared = present.kind == .regular && present.links > 1
        if (isShared && !mayStay) || present.kind == .symlink { return try replace(site, mode) }
        do throws(Errno) {
            let file = try site.destination.openForWriting(site.name, isRoot ? [] : .noFollow)
            let found = try file.metadata()
            guard found.identity == present.identity else { throw .exists }
            if found.kind == .regular { try file.truncate(to: 0) }
            return CreatedFile(
                descriptor: file, isNew: false, isCopy: found.kind == .regular,
                current: CurrentMetadata(owner: found.owner, mode: nil, mayHaveACL: true))
        } catch {
            guard force else { throw .failed(.create, error, .destination) }
            return try replace(site, mode)
        }
    }

    private func presence(_ site: CopySite, isRoot: Bool) throws(Failure) -> Metadata {
        do throws(Errno) { return try site.destination.metadata(of: site.name, following: isRoot) } catch {
            guard isRoot, error == .notFound else { throw .failed(.inspect, error, .destination) }
            throw Failure(
                reason: .refused("not writing through dangling symlink \(site.destinationPath.quoted)"),
                side: .destination)
        }
    }

    private func refuseOverwriting(_ present: Metadata, _ site: CopySite, _ source: Metadata) throws(Failure) {
        if present.kind == .directory {
            throw Failure(
                reason: .refused("cannot overwrite directory \(site.destinationPath.quoted) with non-directory"),
                side: .destination)
        }
        guard present.identity == source.identity else { return }
        throw Failure(
            reason: .refused("\(site.sourcePath.quoted) and \(site.destinationPath.quoted) are the same file"),
            side: .destination)
    }

    private func replace(_ site: CopySite, _ mode: FileMode) throws(Failure) -> CreatedFile {
        try attempt(.remove, .destination) { () throws(Errno) in try site.destination.unlink(site.name) }
        return try attempt(.create, .destination) { () throws(Errno) in try create(site, mode) }
    }
}
