import Nar
import NixClosure
import SystemCalls

/// Information about store paths, after unknown hashes and sizes were computed from the copies in a store.
struct HashedInfos {
    /// The infos. The hash of a store path that the store does not have, or that cannot be read, is still unknown.
    private(set) var infos: [PathInfo]
    /// The errors that occurred while reading copies that exist.
    private(set) var failures: [StorePath: PathError] = [:]

    /// - Parameters:
    ///   - store: a store with copies; nil if there is none.
    ///   - workers: the number of workers; nil for one per processor.
    init(_ infos: [PathInfo], in store: Store?, workers: Int?) {
        self.infos = infos
        guard let store else { return }
        let gaps = infos.indices.filter { infos[$0].narHash == nil || infos[$0].narSize == nil }
        if gaps.isEmpty { return }
        let trees = gaps.map { NarTree(store.physicalPath(of: infos[$0].path)) }
        for (index, result) in zip(gaps, NarDigests(workers: workers).digests(of: trees)) {
            switch result {
            case .success(let digest): self.infos[index].complete(by: digest)
            case .failure(let error):
                let isAbsent = error.errno == .notFound || error.errno == .notDirectory
                if !isAbsent { failures[infos[index].path] = error }
            }
        }
    }
}
