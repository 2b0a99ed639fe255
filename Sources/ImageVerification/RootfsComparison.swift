public import Image
public import NixClosure
public import SystemCalls

/// Compares the entries of a root file system outside the store with those of the image that it was made from.
///
/// Types, content, modes, owners, targets of symlinks and extended attributes are compared, and times are not:
/// runtimes change those of the directories that they add mount points to. Mounts are left out, and so are the entries
/// that a runtime adds.
public struct RootfsComparison: Sendable {
    private let root: Path
    private let image: StoredImage
    private let store: Store
    /// The number of workers that read layers; nil for one per processor.
    public var workers: Int?
    /// The owners in the user namespace of the root file system; nil if it has those that the machine sees.
    public var owners: OwnerMap?
    private let progress: BlobProgress
    private let isCancelled: @Sendable () -> Bool

    /// - Parameter isCancelled: called often, on any worker; if it returns true, the run ends.
    public init(
        of root: Path, with image: StoredImage, outside store: Store, isCancelled: @escaping @Sendable () -> Bool
    ) {
        self.root = root
        self.image = image
        self.store = store
        self.isCancelled = isCancelled
        progress = BlobProgress(isCancelled)
    }

    /// Reads the image and the root file system.
    public func run() throws(PathError) -> RootfsComparisonReport {
        let expected = try RootfsImage(image, outside: store, progress).entries(workers: workers)
        var walk = RootfsWalk(expected, RuntimeEntries(of: image), outside: store, isCancelled)
        walk.owners = owners
        try walk.run(in: root)
        return walk.report()
    }
}

/// The result of a comparison.
public struct RootfsComparisonReport: Sendable {
    /// The differences, in byte order of the paths.
    public internal(set) var differences: [RootfsDifference] = []
    /// The number of entries that were compared.
    public internal(set) var entries = 0
    /// The number of bytes of content that were compared.
    public internal(set) var bytes: Int64 = 0
    /// The mount points, which were not compared, in byte order.
    public internal(set) var mounts: [Path] = []
}
