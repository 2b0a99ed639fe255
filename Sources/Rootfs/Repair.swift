import Nar
public import NixClosure
public import SystemCalls
public import TreeCopy

/// Takes store paths of a root file system anew from the store.
///
/// The store's own copy is verified first: nothing is repaired with damaged goods. A new copy grows under a temporary name,
/// and then takes the place of the old one; a crash leaves either, and what has a temporary name is swept by the
/// next run.
public struct Repair: Sendable {
    /// Why a store path could not be repaired.
    public struct Failure: Error, Hashable, Sendable {
        /// Which one.
        public let path: StorePath
        /// What was in the way.
        public let reason: RootfsError
    }

    /// The store in the root file system.
    private let store: Store
    /// Where good copies are.
    private let source: Store
    private let options: CopyOptions
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

    /// Sweeps what killed runs left, and replaces these store paths, or makes them where they are missing; `copy` runs the
    /// engine, so that a caller can show its progress and end it. What could not be repaired is returned.
    public func run(_ infos: [PathInfo], _ copy: (CopyRequest) -> CopyReport) throws(RootfsError) -> [Failure] {
        let site = try RepairSite(store)
        let trees = infos.map { NarTree(source.physicalPath(of: $0.path), size: $0.narSize ?? 0) }
        let digests = NarDigests(workers: options.workers, isCancelled: isCancelled).digests(of: trees)
        var failures: [Failure] = []
        for (info, digest) in zip(infos, digests) {
            do throws(RootfsError) {
                try requireSound(info, digest)
                try replace(info.path, in: site, copy)
            } catch { failures.append(Failure(path: info.path, reason: error)) }
        }
        do throws(RootfsError) { try site.close() } catch {
            // What went wrong before tells more.
            if failures.isEmpty { throw error }
        }
        return failures
    }

    private func requireSound(_ info: PathInfo, _ found: Result<NarDigest, NarError>) throws(RootfsError) {
        let path = source.physicalPath(of: info.path)
        switch found {
        case .failure(let error):
            if error.isCancelled { throw RootfsError(path, "interrupted") }
            throw RootfsError(path, "there is nothing to take it from: \(error)", error.errno)
        case .success(let digest):
            guard let expected = info.narHash, digest.hash != expected else { return }
            throw RootfsError(
                path,
                "\(path.quoted), which it would be taken from, is damaged itself: its hash is \(digest.hash) instead of "
                    + "\(expected); repair that first, with nix-store --repair-path")
        }
    }

    private func replace(
        _ path: StorePath, in site: borrowing RepairSite, _ copy: (CopyRequest) -> CopyReport
    ) throws(RootfsError) {
        let name = try site.temporaryName()
        var root = CopyRoot(
            source: source.physicalPath(of: path), directory: site.path, name: Path(name.bytes), publication: .inPlace)
        root.openDirectory = site.directory
        let report = copy(CopyRequest(roots: [root], options: options))
        guard report.errorCount == 0, !report.wasCancelled else {
            try site.remove(name)
            let reason = report.errors.first?.description ?? "interrupted"
            throw RootfsError(root.source, reason, report.errors.first?.errno)
        }
        try site.swap(name, for: Name(path.baseName))
    }
}
