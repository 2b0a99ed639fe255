import References
public import SystemCalls

/// Finds references by reading all files of a closure, for stores without a database.
///
/// The result has all references that Nix finds after a build, and may have more, since Nix looks only for the inputs
/// of the build: a derivation (`.drv`) names its outputs, which Nix does not count as references.
public struct ScanSource: ClosureSource {
    private let store: Store
    private let workers: Int?
    private let isCancelled: @Sendable () -> Bool

    /// - Parameters:
    ///   - workers: the number of workers; nil for one per processor.
    ///   - isCancelled: called often, on any thread; if it returns true, the scan ends with the error `EINTR`.
    public init(_ store: Store, workers: Int? = nil, isCancelled: @escaping @Sendable () -> Bool = { false }) {
        self.store = store
        self.workers = workers
        self.isCancelled = isCancelled
    }

    /// The roots and all that they refer to.
    public func answer(about roots: [StorePath]) throws(ClosureError) -> ClosureAnswer {
        try Closure(roots).check(in: store)
        let listing = try StoreListing(of: store)
        return try scan { (scan) throws(PathError) in
            let trees = try scan.closure(of: roots.map(\.baseName), among: listing.names)
            let infos = trees.compactMap { tree, references in listing.info(of: tree, references) }
            return ClosureAnswer(infos, declaredCount: trees.count)
        }
    }

    /// The references of these paths to each other, for a closure of which only the paths are known.
    public func infos(ofOnly paths: [StorePath]) throws(ClosureError) -> [PathInfo] {
        let closure = Closure(paths)
        return try infos(ofOnly: closure.storePaths, among: closure)
    }

    /// The references of some paths of a closure to all its paths.
    func infos(ofOnly paths: [StorePath], among closure: Closure) throws(ClosureError) -> [PathInfo] {
        try Closure(paths).check(in: store)
        let listing = StoreListing(closure.storePaths)
        return try scan { (scan) throws(PathError) in
            let names = paths.map(\.baseName)
            let references = try scan.references(of: names, to: Array(listing.names.keys))
            return zip(names, references).compactMap { listing.info(of: $0, $1) }
        }
    }

    /// The first entry, in the order of an archive, that names the other path: by its content, its target or its own
    /// name. From the path, which is empty where that is a file or a symlink itself; nil where none does.
    public func place(in path: StorePath, naming other: StorePath) throws(ClosureError) -> Path? {
        do throws(PathError) {
            let scan = ReferenceScan(in: store.physicalDirectory, workers: workers, isCancelled: isCancelled)
            return try scan.references(of: [path.baseName], to: [other.hashPart]).first?.first?.place
        } catch { throw .unscanned(error) }
    }

    private func scan<R>(_ body: (ReferenceScan) throws(PathError) -> R) throws(ClosureError) -> R {
        do throws(PathError) {
            return try body(ReferenceScan(in: store.physicalDirectory, workers: workers, isCancelled: isCancelled))
        } catch { throw .unscanned(error) }
    }
}

/// The store paths that there are, by the part of their names that references are found by.
private struct StoreListing {
    private(set) var names: [HashPart: [Path]] = [:]

    init(_ storePaths: [StorePath]) {
        for storePath in storePaths { names[storePath.hashPart, default: []].append(storePath.baseName) }
    }

    /// All store paths in the store's directory, without the entries that Nix itself creates there.
    init(of store: Store) throws(ClosureError) {
        let storePaths: [StorePath]
        do throws(Errno) { storePaths = try Self.list(store.physicalDirectory) } catch {
            throw .failed("cannot list the store", store.physicalDirectory, error)
        }
        let working = WorkingFiles.names(among: storePaths.map(\.baseName), in: store)
        self.init(working.isEmpty ? storePaths : storePaths.filter { !working.contains($0.baseName) })
    }

    private static func list(_ path: Path) throws(Errno) -> [StorePath] {
        let directory = try Directory.current.openDirectory(Name(path))
        var entries = DirectoryEntries(capacity: 256 << 10)
        var storePaths: [StorePath] = []
        while try entries.read(from: directory) {
            entries.forEach { entry in
                if let storePath = StorePath(baseName: Path(entry.name.bytes)) { storePaths.append(storePath) }
            }
        }
        return storePaths
    }

    /// Several store paths may have one hash part: then all of them are referred to.
    func info(of name: Path, _ references: [Reference]) -> PathInfo? {
        guard let path = StorePath(baseName: name) else { return nil }
        let referred = references.flatMap { names[$0.part] ?? [] }
        return PathInfo(path, references: referred.compactMap { StorePath(baseName: $0) })
    }
}
