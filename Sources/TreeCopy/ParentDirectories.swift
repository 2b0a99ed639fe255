package import SystemCalls

/// The directories that `--parents` makes under the target: each has its counterpart on the way to a source.
package final class ParentDirectories {
    private struct Made {
        /// It is opened again in the end: there may be more parents than a process may have files open.
        let identity: FileIdentity
        let current: CurrentMetadata
        let wanted: WantedMetadata
        let path: Path
    }

    /// What could not be made, by the places of roots that have nowhere to go.
    package private(set) var failures: [Int: CopyError] = [:]
    /// What could not be finished.
    package private(set) var errors: [CopyError] = []
    /// Called for each directory that is made, with the one that it is like.
    package var onMade: ((_ source: Path, _ destination: Path) -> Void)?
    private let roots: [CopyRoot]
    private let options: CopyOptions
    private let authority = OwnerAuthority()
    private var made: [Made] = []
    private var known: Set<Path> = []

    package init(_ roots: [CopyRoot], _ options: CopyOptions) {
        self.roots = roots
        self.options = options
    }

    /// Makes what is missing, open for its owner until `finish`.
    package func make() {
        for (number, root) in roots.enumerated() {
            do throws(CopyError) { try makeParents(of: root) } catch { failures[number] = error }
        }
    }

    /// Gives the directories their metadata, the deepest first.
    package func finish() {
        for made in made.reversed() {
            do throws(Failure) {
                let directory = try reopen(made)
                var applier = MetadataApplier(authority, options)
                applier.apply(made.wanted, to: directory, made.current)
                if applier.losses.isEmpty { _ = applier.verify(directory) }
                errors += applier.losses.map { CopyError($0.reason, made.path) }
                if options.syncs { try sync(directory) }
            } catch { errors.append(CopyError(error.reason, made.path)) }
        }
    }

    /// Writes the directory itself to disk. What is in it is there already.
    private func sync(_ directory: Directory) throws(Failure) {
        try attempt(.sync, .destination) { () throws(Errno) in try directory.sync() }
    }

    private func reopen(_ made: Made) throws(Failure) -> Directory {
        let directory = try attempt(.open, .destination) { () throws(Errno) in
            try Directory.current.openDirectory(Name(made.path), .noFollow)
        }
        let now = try attempt(.inspect, .destination) { () throws(Errno) in try directory.metadata() }
        guard now.identity == made.identity else { throw .replacedDirectory(.destination) }
        return directory
    }

    private func makeParents(of root: CopyRoot) throws(CopyError) {
        let components = root.source.parent.components
        guard root.source.parent != ".", try !isThere(root) else { return }
        let count = components.count
        let all = root.directory.components
        let target = all.dropLast(count).reduce(root.directory.isAbsolute ? Path("/") : Path([])) { $0.appending($1) }
        var source = root.source.isAbsolute ? Path("/") : Path([])
        var destination = target.bytes.isEmpty ? Path(".") : target
        for part in root.source.parent.bytes.split(separator: Path.slash) {
            source = source.appending(Path(part))
            destination = destination.appending(Path(part))
            if part.elementsEqual(".".utf8) { continue }
            if known.insert(destination).inserted { try make(destination, like: source) }
        }
    }

    /// Where all of them are there before, they are left as they are; where some are, all become like their sources.
    /// Both is what GNU cp does.
    private func isThere(_ root: CopyRoot) throws(CopyError) -> Bool {
        let path = root.directory
        guard !known.contains(path),
            let there = try? Directory.current.metadata(of: Name(path), following: true).kind
        else { return false }
        if there == .directory { return true }
        throw CopyError(.refused("\(path.quoted) exists but is not a directory"), path)
    }

    private func make(_ destination: Path, like source: Path) throws(CopyError) {
        let here = Directory.current
        do throws(Failure) {
            let original = try attempt(.open, .source) { () throws(Errno) in
                try here.openDirectory(Name(source))
            }
            let metadata = try attempt(.inspect, .source) { () throws(Errno) in try original.metadata() }
            let isNew = try isNew(destination)
            if isNew { onMade?(source, destination) }
            let attributes = options.attributes(of: original) { errors.append(CopyError($0.reason, source)) }
            let directory = try attempt(.open, .destination) { () throws(Errno) in
                try here.openDirectory(Name(destination), .noFollow)
            }
            let made = try attempt(.inspect, .destination) { () throws(Errno) in try directory.metadata() }
            var wanted = WantedMetadata(of: metadata, attributes, options)
            if !isNew, !options.preserve.contains(.mode) { wanted.mode = nil }
            self.made.append(
                Made(
                    identity: made.identity,
                    current: CurrentMetadata(owner: made.owner, mode: made.mode, mayHaveACL: true),
                    wanted: wanted, path: destination))
        } catch {
            throw CopyError(error.reason, error.side == .source ? source : destination)
        }
    }

    private func isNew(_ destination: Path) throws(Failure) -> Bool {
        do throws(Errno) {
            try Directory.current.makeDirectory(Name(destination), .ownerAll)
            return true
        } catch {
            guard error == .exists else { throw .failed(.makeDirectory, error, .destination) }
        }
        let there = try? Directory.current.metadata(of: Name(destination), following: true).kind
        if there == .directory { return false }
        throw Failure(
            reason: .refused("\(destination.quoted) exists but is not a directory"), side: .destination)
    }
}
