import FileTree
public import NixClosure
public import SystemCalls
import Tar

/// The store paths that an image's layers hold, so that no layer on top of them need hold them again.
///
/// The annotations of repot's layers list them; other layers are read, compressed or not. A store path counts if its
/// content in one layer is complete, and no other layer changes or removes it.
public struct HeldPaths: Sendable {
    /// The complete store paths.
    public private(set) var paths: Set<StorePath> = []
    /// The wanted store paths that are in the image with another content. A layer on top would be mixed with it.
    public var altered: Set<StorePath> { wanted.intersection(present).subtracting(paths) }

    private let wanted: Set<StorePath>
    /// All store paths of which the layers so far show something.
    private var present: Set<StorePath> = []

    /// Finds the complete store paths in an image, below the directory of the store.
    ///
    /// - Parameters:
    ///   - infos: the wanted store paths, with their hashes and sizes.
    ///   - workers: how many layers are read at a time; nil for one a processor.
    ///   - isCancelled: asked now and then, on any worker: true ends the reading.
    public init(
        _ image: StoredImage, of infos: some Sequence<PathInfo>, in store: Store, workers: Int? = nil,
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws(PathError) {
        let layers = image.layers
        let wanted = Dictionary(infos.map { ($0.path, $0) }) { first, _ in first }
        self.wanted = Set(wanted.keys)
        let jobs = JobList(
            sizes: layers.map { UInt64($0.place.size) }, workers: workers ?? ProcessState.processors)
        let results = jobs.run {
        } _: { _, job in
            Result { () throws(PathError) in try StoreChanges(by: layers[job], in: store, wanted, isCancelled) }
        }
        for result in results { add(try result.get()) }
    }

    private mutating func add(_ changes: StoreChanges) {
        if changes.removesStore { (paths, present) = ([], []) }
        present.subtract(changes.removed)
        // A store path of which two layers have members is a mixture of both.
        paths = paths.subtracting(changes.removed).subtracting(changes.changed)
            .union(changes.found.subtracting(present))
        present.formUnion(changes.changed)
    }
}
