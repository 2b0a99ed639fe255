import FileTree
import JSON
import NixClosure
import Synchronization
public import SystemCalls
public import Tar

/// What an image is to be made of.
public struct ImageSpec: Sendable {
    /// What it begins with: another image, whose layers lie below.
    public var base: StoredImage?
    /// The layers, the lowest first.
    public var layers: [LayerPlan]
    /// How it is run.
    public var configuration: ImageConfiguration
    /// How layers are written; the number of workers is that of all layers together.
    public var options = ArchiveOptions()
    /// The cache of layers; nil for none.
    public var cache: LayerCache?
    /// Whether layers are written again and blobs of the base are read again, whatever the cache and the layout have.
    public var rebuilds = false
    /// What is where the image goes to: layers of it that are remembered are not written.
    public var held = LayerStacks([])
    /// By what its layers are made, for the next image.
    public var layering: String?
    /// The image in whose place this one comes; nil for the one that has its tag, if any.
    public var previous: ImageManifest?

    /// An image of these layers.
    public init(layers: [LayerPlan], configuration: ImageConfiguration) {
        self.layers = layers
        self.configuration = configuration
    }
}

/// The layers of images, as a daemon keeps them: each is one layer on top of those before it, and another on top of
/// others.
public struct LayerStacks: Hashable, Sendable {
    private let stacks: [[Digest]]

    /// The layers of some images, by their diff ids, the lowest first.
    public init(_ stacks: [[Digest]]) { self.stacks = stacks }

    /// There is none.
    public var isEmpty: Bool { stacks.allSatisfy(\.isEmpty) }

    func contains(_ stack: [Digest]) -> Bool { stacks.contains { $0.starts(with: stack) } }

    /// How many of the layers are there, from the lowest on.
    func count(of stack: [Digest]) -> Int { stacks.map { zip($0, stack).prefix { $0 == $1 }.count }.max() ?? 0 }
}

/// What became of a layer.
public struct WrittenLayer: Sendable {
    /// The store paths in it.
    public let plan: LayerPlan
    /// The blob.
    public let blob: LayerBlob
    /// It was there already, and stays as it is. What is remembered was not even read.
    public let wasThere: Bool
}

/// An image that is written.
public struct WrittenImage: Sendable {
    /// Its manifest.
    public let manifest: BlobDescriptor
    /// Its configuration.
    public let config: BlobDescriptor
    /// The layers of what it begins with, the lowest first.
    public let baseLayers: [BlobDescriptor]
    /// Its own layers, the lowest first.
    public let layers: [WrittenLayer]
    /// How many bytes a registry lacks that has the image in whose place this one comes; nil where there was none.
    public var newBytes: Int64?
    /// From the first system call to the last.
    public var seconds = 0.0
}

/// Writes images into layouts: each layer is read once, and hashed and packed as it is written, several at a time.
public struct ImageWriter: Sendable {
    private let spec: ImageSpec
    private let isCancelled: @Sendable () -> Bool
    private let watch = ImageProgress()

    /// A writer for one image.
    ///
    /// - Parameter isCancelled: asked now and then, on any worker: true ends the run.
    public init(_ spec: ImageSpec, isCancelled: @escaping @Sendable () -> Bool = { false }) {
        self.spec = spec
        self.isCancelled = isCancelled
    }

    /// Members of archives and bytes that are written; may be asked from any thread meanwhile.
    public var progress: (entries: Int, bytes: Int64) { watch.total }

    /// Writes what is not there, and then gives the image its tag.
    public func write(to layout: ImageLayout, tag: String) throws(PathError) -> WrittenImage {
        let begin = monotonicNanoseconds()
        try takeBase(to: layout)
        let layers = try writeLayers(to: layout)
        let text = spec.configuration.json(
            baseLayers: spec.base?.layers.map(\.diffID) ?? [], layers: layers.map { ($0.blob.diffID, $0.plan.story) }
        ).text
        let config = try layout.blobs.write(Array(text.utf8), MediaType.config)
        let base = spec.base?.layers.map(\.descriptor) ?? []
        let manifest = ImageManifest(config: config, layers: base + layers.map(\.descriptor), layering: spec.layering)
        var descriptor = try layout.blobs.write(Array(manifest.json.text.utf8), MediaType.manifest)
        descriptor.platform = spec.configuration.platform
        // It only serves to tell what is new: one that cannot be read is as good as none.
        let previous = spec.previous ?? (try? layout.manifest(tag))
        try layout.publish(descriptor, as: tag)
        var image = WrittenImage(manifest: descriptor, config: config, baseLayers: base, layers: layers)
        image.newBytes = previous.map { manifest.bytes(beyond: $0, descriptor) }
        image.seconds = Double(monotonicNanoseconds() - begin) / 1e9
        return image
    }

    /// The layers of the base, but for those that are where the image goes.
    private func takeBase(to layout: ImageLayout) throws(PathError) {
        guard let base = spec.base else { return }
        let missing = Array(base.layers.dropFirst(spec.held.count(of: base.layers.map(\.diffID))))
        let workers = spec.options.workers ?? max(2, ProcessState.processors)
        let results = JobList(sizes: missing.map { UInt64($0.place.size) }, workers: workers).run {
        } _: { [isCancelled, trusting = !spec.rebuilds] _, job in
            Result { () throws(PathError) in
                try layout.blobs.take(missing[job].place, missing[job].descriptor, trusting: trusting, isCancelled)
            }
        }
        for result in results { try result.get() }
    }

    private func writeLayers(to layout: ImageLayout) throws(PathError) -> [WrittenLayer] {
        var written = zip(spec.layers, spec.remembered(in: layout, isCancelled)).map { plan, blob in
            blob.map { WrittenLayer(plan: plan, blob: $0, wasThere: true) }
        }
        let missing = written.indices.filter { written[$0] == nil }
        let total = max(1, missing.map { spec.layers[$0].bytes }.saturatedSum)
        let workers = spec.options.workers ?? max(2, ProcessState.processors)
        let results = JobList(sizes: missing.map { spec.layers[$0].bytes }, workers: workers).run {
        } _: { [self] _, job in
            let plan = spec.layers[missing[job]]
            // A large layer has all workers to itself; of small ones there are enough for all.
            let share = (Double(plan.bytes) / Double(total) * Double(workers)).rounded()
            return Result { () throws(PathError) in
                try LayerWriter(plan, spec.options, workers: min(workers, max(1, Int(share))))
                    .write(to: layout.blobs, spec.cache, watch, isCancelled)
            }
        }
        if !missing.isEmpty { spec.cache?.shrink() }
        for (place, result) in zip(missing, results) { written[place] = try result.get() }
        return written.compactMap(\.self)
    }
}

extension WrittenImage {
    /// All its layers, the lowest first.
    var stack: [BlobDescriptor] { baseLayers + layers.map(\.descriptor) }
}

extension WrittenLayer {
    /// With the names of its store paths, by which the next image knows how this one was grouped.
    var descriptor: BlobDescriptor {
        var descriptor = blob.descriptor
        if !plan.storePaths.isEmpty {
            descriptor.annotations[LayerPlan.storePathsKey] = plan.storePaths.map(\.description).joined(separator: " ")
        }
        if !plan.pruned.isEmpty {
            descriptor.annotations[LayerPlan.prunedKey] = plan.pruned.map(\.description).joined(separator: " ")
        }
        return descriptor
    }
}

/// How far all layers together are.
final class ImageProgress: Sendable {
    private let writers = Mutex<[ArchiveProgress]>([])

    func add(_ progress: ArchiveProgress) { writers.withLock { $0.append(progress) } }

    var total: (entries: Int, bytes: Int64) {
        writers.withLock { $0.reduce(into: (0, Int64(0))) { $0 = ($0.0 + $1.members, $0.1 + $1.bytes) } }
    }
}
