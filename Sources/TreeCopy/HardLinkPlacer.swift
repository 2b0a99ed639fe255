import SystemCalls

/// The same inode under a second name: one system call, and nothing to set afterwards.
enum HardLinkPlacer: FilePlacer {
    static func place(_ site: CopySite, _ worker: inout Worker) throws(Failure) -> Placement {
        let rung = site.ladder.hardlink
        let options = worker.run.options
        if !options.triesEach(.hardlink), case .refused(let errno) = rung.state { return .unsupported(errno) }
        let file = try look(site, options)
        if let errno = obstacle(site, file, options) { return .unsupported(errno) }
        do throws(Errno) {
            try site.destination.link(
                site.name, from: site.source, site.sourceName, following: site.follows)
            rung.noteSuccess()
            if options.linkPolicy == .unchanging, let file, file.kind == .regular {
                worker.tally.bytes.add(Int(file.size))
            }
            return .placed
        } catch {
            if error == .exists { return try linkOverExisting(site, worker) }
            if error == .tooManyLinks { return .unsupported(error) }
            guard error.refusesLink else { throw .failed(.link, error, .destination) }
            try learn(error, site, worker.run)
            return .unsupported(error)
        }
    }

    /// What the file is, where the policy has to know, or where files of some owners were refused: one's own are
    /// linked. It is one call more beside the ten of a copy, and takes no lock, unlike a link that is refused.
    private static func look(_ site: CopySite, _ options: CopyOptions) throws(Failure) -> Metadata? {
        guard options.linkPolicy == .unchanging || site.ladder.protectedOwners.isAny else { return nil }
        return try inspect(site)
    }

    private static func inspect(_ site: CopySite) throws(Failure) -> Metadata {
        try attempt(.inspect, .source) { () throws(Errno) in
            try site.source.metadata(of: site.sourceName, following: site.follows)
        }
    }

    /// Why the file must not be linked although the kernel would, or why it would not.
    private static func obstacle(_ site: CopySite, _ file: Metadata?, _ options: CopyOptions) -> Errno? {
        if options.linkPolicy == .forced { return nil }
        if site.ladder.isOverlay, site.source.isInUpperLayer(site.sourceName) != true { return .copiesUp }
        guard let file else { return nil }
        if site.ladder.protectedOwners.refuses(file) { return .notPermitted }
        guard options.linkPolicy == .unchanging else { return nil }
        if file.size == 0, file.kind == .regular { return .isEmptyFile }
        let isWanted =
            file.owner == options.owner ?? file.owner
            && file.modified == options.fixedTime ?? file.modified
        return isWanted ? nil : .differsInMetadata
    }

    /// EPERM for an immutable file says nothing of others. For somebody else's it is fs.protected_hardlinks, which
    /// will say the same of that owner's next one. Sources: proc(5), link(2).
    private static func learn(_ errno: Errno, _ site: CopySite, _ run: CopyRun) throws(Failure) {
        let ladder = site.ladder
        if run.options.triesEach(.hardlink) { return ladder.hardlink.noteException(errno) }
        let file = try inspect(site)
        if file.kind == .directory { throw .otherKind }
        let isOthers = file.owner.user != run.authority.caller.user
        guard errno == .notPermitted, file.isImmutable || isOthers else {
            return ladder.learn(errno, of: file, on: ladder.hardlink, isStrict: run.options.isStrict)
        }
        ladder.hardlink.noteException(errno)
        if !file.isImmutable { ladder.protectedOwners.noteRefusal(file) }
    }

    /// Something has that name: it stays, or goes, and then the link is tried again.
    private static func linkOverExisting(_ site: CopySite, _ worker: borrowing Worker) throws(Failure) -> Placement {
        switch try worker.way(site, try inspect(site)) {
        case .kept: return .skipped
        case .free: return try link(site, as: site.name)
        case .taken:
            guard worker.run.overwriting.isForced || worker.run.confirm != nil else {
                throw .failed(.link, .exists, .destination)
            }
            return try replace(site)
        }
    }

    private static func replace(_ site: CopySite) throws(Failure) -> Placement {
        try outcome { () throws(Errno) in
            try site.replacing { name throws(Errno) in
                try site.destination.link(name, from: site.source, site.sourceName, following: site.follows)
            }
        }
    }

    private static func link(_ site: CopySite, as name: Name) throws(Failure) -> Placement {
        try outcome { () throws(Errno) in
            try site.destination.link(name, from: site.source, site.sourceName, following: site.follows)
        }
    }

    /// A refusal of links is one here, too.
    private static func outcome(_ link: () throws(Errno) -> Void) throws(Failure) -> Placement {
        do throws(Errno) {
            try link()
            return .placed
        } catch {
            if error.refusesLink || error == .tooManyLinks { return .unsupported(error) }
            throw .failed(.link, error, .destination)
        }
    }
}

extension CopySite {
    /// Makes something beside the destination that takes its place at once: there is no moment without either.
    func replacing(_ make: (Name) throws(Errno) -> Void) throws(Errno) {
        let temporary = Name.temporary()
        try make(temporary)
        do throws(Errno) { try destination.rename(temporary, over: name) } catch {
            // What cannot be removed either stays; the failure before it is the news.
            try? destination.unlink(temporary)
            throw error
        }
        // rename(2) does nothing to two names of one inode.
        try? destination.unlink(temporary)
    }
}
