import SystemCalls

extension Worker {
    /// A symlink with its owner, attributes and times; with `hardlink` a second name for it.
    mutating func placeSymlink(_ site: CopySite) throws(Failure) {
        if try linked(site) { return }
        let metadata = try inspect(site, expecting: .symlink)
        try placeShared(site, metadata) { worker throws(Failure) in
            let target = try attempt(.readLink, .source) { () throws(Errno) in
                try site.source.readLink(site.sourceName)
            }
            let made = try worker.makeNode(site, metadata, .symlink) { () throws(Errno) in
                try site.destination.symlink(site.name, to: target)
            }
            if made { worker.tally.symlinks.increment() }
            return made
        }
    }

    /// A FIFO, socket or device.
    mutating func placeSpecial(_ kind: FileKind, _ site: CopySite) throws(Failure) {
        guard run.options.copiesSpecialFiles else {
            var site = site
            site.isStream = true
            return try placeRegular(site)
        }
        if try linked(site) { return }
        let metadata = try inspect(site, expecting: kind)
        try placeShared(site, metadata) { worker throws(Failure) in
            let made = try worker.makeNode(site, metadata, kind == .fifo ? .makeFIFO : .makeNode) { () throws(Errno) in
                try site.destination.makeNode(site.name, kind, .ownerReadWrite, metadata.special)
            }
            if made { worker.tally.specials.increment() }
            return made
        }
    }

    /// True when `hardlink` is the strategy and it worked.
    private mutating func linked(_ site: CopySite) throws(Failure) -> Bool {
        guard run.options.strategy == .hardlink else { return false }
        switch try HardLinkPlacer.place(site, &self) {
        case .placed: tally.linked.increment()
        case .skipped: tally.skipped.increment()
        case .unsupported(let errno):
            try refuseStepDown(from: .hardlink, errno)
            return false
        }
        return true
    }

    private func inspect(_ site: CopySite, expecting kind: FileKind) throws(Failure) -> Metadata {
        let metadata = try attempt(.inspect, .source) { () throws(Errno) in
            try site.source.metadata(of: site.sourceName, following: site.follows)
        }
        guard metadata.kind == kind else { throw .otherKind }
        return metadata
    }

    private mutating func placeShared(
        _ site: CopySite, _ metadata: Metadata, _ make: (inout Worker) throws(Failure) -> Bool
    ) throws(Failure) {
        guard run.mayMeetAgain(metadata, site) else {
            if try !make(&self) { tally.skipped.increment() }
            return
        }
        let placement = try shareOrMake(metadata.identity, site) { worker throws(Failure) in
            try make(&worker) ? .placed : .skipped
        }
        if case .skipped = placement { tally.skipped.increment() }
    }

    /// Makes the node and gives it its metadata. Returns false if an existing entry stays.
    private func makeNode(
        _ site: CopySite, _ metadata: Metadata, _ operation: Operation, _ create: () throws(Errno) -> Void
    ) throws(Failure) -> Bool {
        do throws(Errno) { try create() } catch {
            guard error == .exists else { throw .failed(operation, error, .destination) }
            guard try clearWay(site, metadata, operation) else { return false }
            try attempt(operation, .destination, create)
        }
        try complete(site, metadata)
        return true
    }

    private func complete(_ site: CopySite, _ metadata: Metadata) throws(Failure) {
        let attributes = run.options.attributes(of: site.sourceName, in: site.source) { run.add($0, site) }
        var wanted = WantedMetadata(of: metadata, attributes, run.options)
        let isSymlink = metadata.kind == .symlink
        if isSymlink { wanted.mode = nil }
        let mayHaveACL = !isSymlink && (site.rule?.inheritsACL ?? site.root.target.hasDefaultACL)
        let mode = site.rule?.mode(afterCreating: .ownerReadWrite)
        apply(
            wanted, to: NamedEntry(site.name, in: site.destination, isSymlink: isSymlink),
            CurrentMetadata(owner: try owner(ofNew: site), mode: mode, mayHaveACL: mayHaveACL),
            as: MetadataTrust.Target(kind: metadata.kind, volume: site.ladder.destination)
        ) { run.add($0, site) }
    }

    private func owner(ofNew site: CopySite) throws(Failure) -> Ownership {
        if let rule = site.rule { return rule.owner }
        return try attempt(.inspect, .destination) { () throws(Errno) in
            try site.destination.metadata(of: site.name, following: false).owner
        }
    }

    /// Removes what has the name. False when it is to stay.
    private func clearWay(
        _ site: CopySite, _ metadata: Metadata, _ operation: Operation
    ) throws(Failure) -> Bool {
        switch try way(site, metadata) {
        case .kept: return false
        case .free: return true
        case .taken:
            guard run.overwriting.isForced, operation == .symlink else {
                throw .failed(operation, .exists, .destination)
            }
            try remove(site)
            return true
        }
    }

    /// A symlink to the source by the name that it was given: `cp -s`. A relative one would lead elsewhere from another
    /// directory than the working one.
    mutating func placeSymlink(toSourceOf site: CopySite) throws(Failure) {
        let target = site.sourcePath
        if !target.isAbsolute, try !isWorkingDirectory(site.destination) {
            throw Failure(
                reason: .refused(
                    "\(site.destinationPath.quotedWhereNeeded): can make relative symbolic links only in current directory"
                ),
                side: .destination)
        }
        try attempt(.symlink, .destination) { () throws(Errno) in
            do throws(Errno) { try site.destination.symlink(site.name, to: Name(target)) } catch {
                guard error == .exists, run.overwriting.isForced else { throw error }
                try site.replacing { name throws(Errno) in try site.destination.symlink(name, to: Name(target)) }
            }
        }
        try keepTimes(site)
        tally.symlinks.increment()
    }

    /// Those of the source, as on anything else that is made for it.
    private func keepTimes(_ site: CopySite) throws(Failure) {
        guard run.options.preserve.contains(.timestamps) else { return }
        let source = try attempt(.inspect, .source) { () throws(Errno) in
            try site.source.metadata(of: site.sourceName, following: site.follows)
        }
        try attempt(.setTimes, .destination) { () throws(Errno) in
            try site.destination.setTimes(of: site.name, accessed: source.accessed, modified: source.modified)
        }
    }

    private func isWorkingDirectory(_ directory: Directory) throws(Failure) -> Bool {
        try attempt(.inspect, .destination) { () throws(Errno) in
            let here = try Directory.current.metadata(of: Name("."), following: true).identity
            return try directory.metadata(of: Name("."), following: true).identity == here
        }
    }
}
