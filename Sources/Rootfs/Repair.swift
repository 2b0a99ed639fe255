import Nar
public import NixClosure
public import Pruning
public import SystemCalls
public import TreeCopy

/// Takes store paths of a root file system anew from the store.
///
/// The store's own copy is verified first: nothing is repaired with damaged goods. A new copy grows under a temporary
/// name, and then takes the place of the old one; a crash leaves either, and what has a temporary name is swept by the
/// next run.
public struct Repair: Sendable {
    /// Why a store path could not be repaired.
    public struct Failure: Error, Hashable, Sendable {
        /// Which one.
        public let path: StorePath
        /// What was in the way.
        public let reason: PathError
    }

    /// The store in the root file system.
    private let store: Store
    /// Where good copies are.
    private let source: Store
    private let options: CopyOptions
    /// What was left out of the root file system on purpose, and stays out.
    public var pruned = PruneRecord()
    private let isCancelled: @Sendable () -> Bool

    /// - Parameters:
    ///   - owner: who gets what is written; nil for the source's.
    ///   - modificationTime: of all that is written, in seconds since 1970; nil for the source's.
    ///   - workers: how many; nil for one a processor.
    ///   - isCancelled: asked now and then while the store's copies are verified: true ends that.
    public init(
        _ store: Store, from source: Store, owner: Ownership? = nil, modificationTime: Int64? = nil,
        workers: Int? = nil, isCancelled: @escaping @Sendable () -> Bool = { false }
    ) {
        self.store = store
        self.source = source
        self.isCancelled = isCancelled
        var options = CopyOptions()
        options.existing = .refuse
        options.owner = owner
        options.modificationTime = modificationTime
        options.workers = workers
        self.options = options
    }

    /// Sweeps what killed runs left, and replaces these store paths, or makes them where they are missing; `copy` runs
    /// the engine, so that a caller can show its progress and end it. What could not be repaired is returned.
    public func run(_ infos: [PathInfo], _ copy: (CopyRequest) -> CopyReport) throws(PathError) -> [Failure] {
        let site = try RepairSite(store)
        var failures: [Failure] = []
        var wanted: [Wanted] = []
        for info in infos {
            do throws(PathError) { wanted.append(Wanted(info, try pruned.excluded(from: info.path, in: source))) } catch
            {
                failures.append(Failure(path: info.path, reason: .nowhere(error)))
            }
        }
        for (wanted, digest) in zip(wanted, digests(of: wanted)) {
            do throws(PathError) {
                try requireSound(wanted.info, digest)
                try replace(wanted, in: site, copy)
            } catch { failures.append(Failure(path: wanted.info.path, reason: error)) }
        }
        do throws(PathError) { try site.close() } catch {
            // What went wrong before tells more.
            if failures.isEmpty { throw error }
        }
        return failures
    }

    private func digests(of wanted: [Wanted]) -> [Result<NarDigest, PathError>] {
        let trees = wanted.map { wanted in
            NarTree(source.physicalPath(of: wanted.info.path), size: wanted.info.narSize ?? 0) {
                wanted.excluded.contains(Path($0))
            }
        }
        return NarDigests(workers: options.workers, isCancelled: isCancelled).digests(of: trees)
    }

    private func requireSound(_ info: PathInfo, _ found: Result<NarDigest, PathError>) throws(PathError) {
        let path = source.physicalPath(of: info.path)
        switch found {
        case .failure(let error):
            if error.isCancelled { throw PathError(path, "interrupted") }
            throw .nowhere(error)
        case .success(let digest):
            guard let expected = info.narHash, digest.hash != expected else { return }
            if pruned.contains(info.path) {
                throw PathError(
                    path,
                    "what is left of \(path.quoted) without what the record names is other than it tells: stage it anew"
                )
            }
            throw PathError(
                path,
                "\(path.quoted), which it would be taken from, is damaged itself: its hash is \(digest.hash) instead of "
                    + "\(expected); repair that first, with nix-store --repair-path")
        }
    }

    private func replace(
        _ wanted: Wanted, in site: borrowing RepairSite, _ copy: (CopyRequest) -> CopyReport
    ) throws(PathError) {
        let name = try site.temporaryName()
        var root = CopyRoot(
            source: source.physicalPath(of: wanted.info.path), directory: site.path, name: Path(name.bytes),
            publication: .inPlace)
        root.openDirectory = site.directory
        root.excluded = wanted.excluded
        let report = copy(CopyRequest(roots: [root], options: options))
        guard report.errorCount == 0, !report.wasCancelled else {
            try site.remove(name)
            let reason = report.errors.first?.description ?? "interrupted"
            throw PathError(root.source, reason, report.errors.first?.errno)
        }
        try site.swap(name, for: Name(wanted.info.path.baseName))
    }
}

/// A store path to be made anew.
private struct Wanted {
    /// With the hash of what is not excluded.
    let info: PathInfo
    let excluded: Set<Path>

    init(_ info: PathInfo, _ excluded: Set<Path>) {
        self.info = info
        self.excluded = excluded
    }
}

extension PathError {
    fileprivate static func nowhere(_ error: PathError) -> PathError {
        PathError(error.path, "there is nothing to take it from: \(error)", error.errno)
    }
}
