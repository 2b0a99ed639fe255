import SystemCalls

/// Targets without entries: one look at each saves a look for each root, an eighth of the time of 10,000 small files.
struct EmptyTargets {
    private var known: [Path: Bool] = [:]
    private let isWorthALook: Bool

    /// To list a directory takes as long as to look for some names.
    init(_ roots: Int) { isWorthALook = roots > 16 }

    /// Whether nothing can be there in the root's place.
    mutating func isNew(_ root: CopyRoot) -> Bool {
        guard isWorthALook, root.openDirectory == nil, root.name != "." else { return false }
        if let known = known[root.directory] { return known }
        let isEmpty = Self.isEmpty(root.directory)
        known[root.directory] = isEmpty
        return isEmpty
    }

    /// One that cannot be listed may hold anything.
    private static func isEmpty(_ path: Path) -> Bool {
        guard let directory = try? Directory.current.openDirectory(Name(path)) else { return false }
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
struct TargetAncestry {
    private let targets: Set<FileIdentity>
    private var known: [Path: Bool] = [:]

    init(_ roots: [CopyRoot]) {
        let places = Set(roots.map(\.directory)).compactMap {
            try? Directory.current.metadata(of: Name($0), following: true).identity
        }
        targets = Set(places)
    }

    /// A symlink that is followed may lead there from anywhere.
    mutating func contain(_ source: Path, following: Bool) -> Bool {
        if following, (try? Directory.current.metadata(of: Name(source), following: false).kind) == .symlink {
            return true
        }
        let parent = source.parent
        if let known = known[parent] { return known }
        let isInside = holds(parent)
        known[parent] = isInside
        return isInside
    }

    /// A directory that cannot be opened holds nothing that can be copied.
    private func holds(_ parent: Path) -> Bool {
        guard let directory = try? Directory.current.openDirectory(Name(parent), .placeOnly) else { return false }
        return Ancestry(of: directory).contains { targets.contains($0) }
    }
}
