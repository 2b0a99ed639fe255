import SystemCalls

/// What a root reads and writes that other roots may read or write as well, as far as it can be seen before the copy.
struct RootFootprint {
    private(set) var writes: [FileIdentity] = []
    /// Only the copy itself will show: a source or a symlink at the destination leads to what is not there yet.
    private(set) var standsAlone = false
    /// What the source is, through symlinks if they are followed.
    private let source: SourceLook?
    /// Something has the destination's name.
    let meetsSomething: Bool

    /// Those of all roots. One that is whole when it appears is new, and touches nothing.
    static func all(of roots: [CopyRoot], _ options: CopyOptions) -> [RootFootprint] {
        var targets = EmptyTargets(roots.count)
        var all = roots.map { RootFootprint($0, options, isNew: $0.publication != .whole && targets.isNew($0)) }
        if options.preserve.contains(.links) { all.shareLinks() }
        if all.contains(where: \.isMerge) { all.mergeInOrder(roots, options) }
        return all
    }

    /// - Parameter isNew: whether the destination's name is known to be free.
    init(_ root: CopyRoot, _ options: CopyOptions, isNew: Bool = false) {
        guard root.publication != .whole else {
            source = nil
            meetsSomething = false
            return
        }
        let follows = options.dereference != .never
        source = try? root.look(following: follows)
        let place = root.openDirectory ?? .current
        let name = Name(root.openDirectory == nil ? root.destination : root.name)
        let present = isNew ? nil : try? place.metadata(of: name, following: false)
        meetsSomething = present != nil
        standsAlone = source == nil
        guard let present else { return }
        writes.append(present.identity)
        guard present.kind == .symlink else { return }
        // A file is written through a symlink.
        if let end = try? place.metadata(of: name, following: true) {
            writes.append(end.identity)
        } else {
            standsAlone = true
        }
    }

    var reads: FileIdentity? { source?.identity }

    /// A directory that is copied into one that is there.
    fileprivate var isMerge: Bool { source?.kind == .directory && meetsSomething }
}

extension [RootFootprint] {
    /// Names of one file become links, and the first that meets a file of another mode gives it to all: so it matters
    /// which is the first, but only where one of them meets something.
    fileprivate mutating func shareLinks() {
        let contested = Set(filter(\.meetsSomething).compactMap(\.sharedFile))
        for index in indices {
            if let file = self[index].sharedFile, contested.contains(file) { self[index].share(file) }
        }
    }

    /// Where folders are merged, a source may lie in one of them. And where links are kept but modes and owners are
    /// not, the first of two names takes them from its folder.
    fileprivate mutating func mergeInOrder(_ roots: [CopyRoot], _ options: CopyOptions) {
        var targets = TargetAncestry(roots)
        let isOrdered = options.preserve.contains(.links) && !options.preserve.isSuperset(of: [.mode, .ownership])
        for index in indices where roots[index].publication != .whole {
            let isInside = targets.contain(roots[index].source, following: options.dereference != .never)
            if isInside || isOrdered && self[index].isDirectory { self[index].standAlone() }
        }
    }
}

extension RootFootprint {
    fileprivate var isDirectory: Bool { source?.kind == .directory }

    /// The file, if it is no directory: another root may be a name of it.
    fileprivate var sharedFile: FileIdentity? { isDirectory ? nil : source?.identity }

    fileprivate mutating func share(_ file: FileIdentity) { writes.append(file) }
    fileprivate mutating func standAlone() { standsAlone = true }
}
