public import Nar
import SystemCalls

/// What Nix knows of a store path.
public struct PathInfo: Hashable, Sendable {
    /// The store path.
    public let path: StorePath
    /// What it refers to, in byte order, itself included where it does.
    public let references: [StorePath]
    /// The NAR hash; nil if it is unknown. The null hash means unknown: databases of old installers have
    /// it, and `nix-store --verify --check-contents` replaces it.
    public var narHash: NarHash? { didSet { if narHash?.isNull == true { narHash = nil } } }
    /// The NAR size in bytes; nil if it is unknown. Size 0 means unknown, since no NAR is empty.
    public var narSize: UInt64? { didSet { if narSize == 0 { narSize = nil } } }
    /// The derivation that it was built from.
    public var deriver: StorePath?

    /// A path and what it refers to, in any order.
    public init(_ path: StorePath, references: some Sequence<StorePath>) {
        self.path = path
        let references = Array(references)
        let isInOrder = zip(references, references.dropFirst()).allSatisfy { $0 < $1 }
        self.references = isInOrder ? references : Set(references).sorted()
    }
}

extension PathInfo {
    /// Adds the computed hash and size, as far as they are unknown. A size that was recorded without a hash is replaced.
    package mutating func complete(by digest: NarDigest) {
        if narHash == nil || narSize == nil { narSize = digest.size }
        narHash = narHash ?? digest.hash
    }

    /// The record, completed by another one of the same path; nil if their hashes or sizes differ.
    fileprivate func joined(with other: PathInfo) -> PathInfo? {
        if let narHash, let hash = other.narHash, hash != narHash { return nil }
        if let narSize, let size = other.narSize, size != narSize { return nil }
        var joined = self
        if other.references != references {
            joined = PathInfo(path, references: references + other.references)
        }
        (joined.narHash, joined.narSize) = (narHash ?? other.narHash, narSize ?? other.narSize)
        joined.deriver = deriver ?? other.deriver
        return joined
    }
}

extension [PathInfo] {
    /// The records, with one for each path that has the references of all its records. Several graphs, and several
    /// registrations in one file, may have paths in common.
    ///
    /// - Parameter names: the documents that have the records.
    /// - Throws: An error if two records of a path have different hashes or sizes.
    func joined(named names: [Path], in store: Store) throws(ClosureError) -> [PathInfo] {
        var places: [StorePath: Int] = [:]
        places.reserveCapacity(count)
        var joined: [PathInfo] = []
        for info in self {
            guard let place = places[info.path] else {
                places[info.path] = joined.count
                joined.append(info)
                continue
            }
            guard let both = joined[place].joined(with: info) else {
                throw .contradiction(store.path(of: info.path), in: names)
            }
            joined[place] = both
        }
        return joined
    }

    /// In byte order of their paths, of one path in the order they have. Places are sorted, for they are moved faster
    /// than what is known of paths.
    package var inByteOrder: [PathInfo] {
        let paths = map(\.path)
        if zip(paths, paths.dropFirst()).allSatisfy({ $0 < $1 }) { return self }
        let places = paths.indices.sorted { one, other in
            paths[one] < paths[other] || (one < other && paths[one] == paths[other])
        }
        return places.map { self[$0] }
    }

    /// Of several of one path, which follow one another, the first.
    var eachOnce: [PathInfo] {
        indices.filter { $0 == startIndex || self[$0].path != self[$0 - 1].path }.map { self[$0] }
    }
}
