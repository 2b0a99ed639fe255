import SystemCalls
import Tar

/// Writes one layer.
struct LayerWriter {
    private let plan: LayerPlan
    private let options: ArchiveOptions

    init(_ plan: LayerPlan, _ options: ArchiveOptions, workers: Int) {
        self.plan = plan
        self.options = Self.filled(options, plan, workers)
    }

    /// Store paths have the modes that Nix gives them, so that equal hashes are equal layers.
    private static func filled(_ options: ArchiveOptions, _ plan: LayerPlan, _ workers: Int) -> ArchiveOptions {
        var options = options
        (options.workers, options.isLayer) = (workers, true)
        if !plan.storePaths.isEmpty { options.modes = .store }
        return options
    }

    /// What is written is remembered at once: a run that ends early need not write it again.
    func write(
        to blobs: BlobFolder, _ cache: LayerCache?, _ watch: ImageProgress,
        _ isCancelled: @escaping @Sendable () -> Bool
    ) throws(PathError) -> WrittenLayer {
        let file = try blobs.make()
        let hash = LayerHash(options.compression)
        let report = try archive(into: file, blobs.path, hash, watch, isCancelled)
        let blob = hash.blob(options.compression.layerType)
        let key = LayerCache.key(plan, options)
        // An existing blob stays: other images need it, and the new one may not be on disk yet. For a layer without a
        // cache key, its existence is known only now.
        let exists: Bool
        do throws(PathError) { exists = try blobs.isWhole(blob.descriptor, isCancelled) } catch {
            file.discard()
            throw error
        }
        if exists { file.discard() } else { try file.publish(as: Name(blob.descriptor.digest.hex)) }
        if let key { cache?.note(blob, key, hasAttributes: report.attributes > 0) }
        return WrittenLayer(plan: plan, blob: blob, wasThere: exists && key == nil)
    }

    private func archive(
        into blob: borrowing NewFile, _ path: Path, _ hash: LayerHash, _ watch: ImageProgress,
        _ isCancelled: @escaping @Sendable () -> Bool
    ) throws(PathError) -> ArchiveReport {
        let file = try blob.duplicate()
        do throws(ArchiveError) {
            let writer = try TarWriter(plan.items, options, isCancelled: isCancelled)
            watch.add(writer.progress)
            return try writer.write(to: file, named: path, hash)
        } catch {
            blob.discard()
            throw PathError(error)
        }
    }
}
