import SystemCalls

/// What a root reads and writes that other roots may read or write as well, as far as it can be seen before the copy.
struct RootFootprint {
    private(set) var writes: [FileIdentity] = []
    /// Only the copy itself will show: a source or a symlink at the destination leads to what is not there yet.
    private(set) var isUncertain = false
    /// What the source is, through symlinks if they are followed.
    private let source: SourceLook?
    /// Something has the destination's name.
    let meetsSomething: Bool

    /// Those of all roots. One that is whole when it appears is new, and touches nothing.
    static func all(of roots: [CopyRoot], _ options: CopyOptions) -> [RootFootprint] {
        var targets = EmptyTargets(roots.count)
        var all = roots.map { root in
            root.publication == .whole ? RootFootprint() : RootFootprint(root, options, isNew: targets.receive(root))
        }
        if options.preserve.contains(.links) { all.shareLinks() }
        if all.contains(where: \.isMerge) { all.mergeInOrder(roots, options) }
        return all
    }

    private init() {
        source = nil
        meetsSomething = false
    }

    private init(_ root: CopyRoot, _ options: CopyOptions, isNew: Bool) {
        let follows = options.dereference != .never
        source = try? root.look(following: follows)
        let place = root.openDirectory ?? .current
        let name = Name(root.openDirectory == nil ? root.destination : root.name)
        let present = isNew ? nil : try? place.metadata(of: name, following: false)
        meetsSomething = present != nil
        isUncertain = source == nil
        guard let present else { return }
        writes.append(present.identity)
        guard present.kind == .symlink else { return }
        // A file is written through a symlink.
        if let end = try? place.metadata(of: name, following: true) {
            writes.append(end.identity)
        } else {
            isUncertain = true
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
            let isInside = targets.hold(roots[index].source, following: options.dereference != .never)
            if isInside || isOrdered && self[index].isDirectory { self[index].standAlone() }
        }
    }
}

extension RootFootprint {
    fileprivate var isDirectory: Bool { source?.kind == .directory }

    /// The file, if it is no directory: another root may be a name of it.
    fileprivate var sharedFile: FileIdentity? { isDirectory ? nil : source?.identity }

    fileprivate mutating func share(_ file: FileIdentity) { writes.append(file) }
    fileprivate mutating func standAlone() { isUncertain = true }
}

/// Targets without entries: one look at each saves a look for each root, an eighth of the time of 10,000 small files.
private struct EmptyTargets {
    private var known: [Path: Bool] = [:]
    private let isWorthALook: Bool

    /// To list a directory takes as long as to look for some names.
    init(_ roots: Int) { isWorthALook = roots > 16 }

    /// Whether nothing can be there in the root's place.
    mutating func receive(_ root: CopyRoot) -> Bool {
        guard isWorthALook, root.openDirectory == nil, root.name != "." else { return false }
        if let known = known[root.directory] { return known }
        let isEmpty = Self.isEmpty(root.directory)
        known[root.directory] = isEmpty
        return isEmpty
    }

    /// One that cannot be listed may hold anything.
    private static func isEmpty(_ path: Path) -> Bool {
        guard let directory = try? Directory.current.openDirectory(Name(path), []) else { return false }
        var entries = DirectoryEntries(capacity: 1024)
        var isEmpty = true
        while isEmpty {
            guard let isMore = try? entries.read(from: directory) else { return false }
            if !isMore { break }
            entries.forEach { _ in isEmpty = false }
        }
        return isEmpty
    }
}

/// Whether sources lie in directories that receive roots.
private struct TargetAncestry {
    private let targets: Set<FileIdentity>
    private var known: [Path: Bool] = [:]

    init(_ roots: [CopyRoot]) {
        let places = Set(roots.map(\.directory)).compactMap {
            try? Directory.current.metadata(of: Name($0), following: true).identity
        }
        targets = Set(places)
    }

    /// A symlink that is followed may lead there from anywhere.
    mutating func hold(_ source: Path, following: Bool) -> Bool {
        if following, (try? Directory.current.metadata(of: Name(source), following: false).kind) == .symlink {
            return true
        }
        let parent = source.parent
        if let known = known[parent] { return known }
        let isInside = holds(parent)
        known[parent] = isInside
        return isInside
    }

    /// What cannot be opened holds nothing that can be copied.
    private func holds(_ parent: Path) -> Bool {
        guard let directory = try? Directory.current.openDirectory(Name(parent), .placeOnly),
            let ancestors = try? directory.ancestors()
        else { return false }
        return !ancestors.isDisjoint(with: targets)
    }
}
