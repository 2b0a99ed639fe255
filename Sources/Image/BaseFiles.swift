import FileTree
package import NixClosure
package import SystemCalls
import Tar

/// The entries of a base image, as an unpacker leaves them. The layers that list their store paths are not read.
package struct BaseFiles: Sendable {
    /// An entry.
    package enum Entry: Hashable, LayeredEntry {
        case directory
        case symlink(Path)
        /// A regular file, with its content if that was requested.
        case file(mode: FileMode, content: [UInt8]?)
        /// A device, a FIFO, or a hard link to an entry of another layer.
        case other

        package static var impliedDirectory: Entry { .directory }
        package var isDirectory: Bool { self == .directory }
    }

    private static let maxContentLength: Int64 = 1 << 24

    /// The store paths that layers list.
    package private(set) var listed: Set<StorePath> = []
    private var layered = LayeredEntries<Entry>()

    /// Reads the layers of an image in parallel.
    ///
    /// - Parameter contents: the files whose content is kept.
    package init(
        _ image: StoredImage, contents: Set<Path>, workers: Int?, _ isCancelled: @escaping @Sendable () -> Bool
    ) throws(PathError) {
        let layers = image.layers
        let jobs = JobList(
            sizes: layers.map { UInt64($0.place.size) }, workers: workers ?? ProcessState.processors)
        let results = jobs.run {
        } _: { _, job in
            Result { () throws(PathError) in try LayerFiles(layers[job], contents, isCancelled) }
        }
        for result in results {
            let layer = try result.get()
            listed.formUnion(layer.listed)
            layered.apply(layer.changes)
        }
    }

    /// The entry at a path without symlinks; nil if there is none.
    package func entry(at components: [Path]) -> Entry? { layered.entries[Path(joining: components)] }

    /// The changes that one layer makes.
    private struct LayerFiles: Sendable {
        static let maxContentLength = BaseFiles.maxContentLength

        var listed: Set<StorePath> = []
        var changes = LayerEntries<Entry>()

        init(
            _ layer: StoredImage.Layer, _ contents: Set<Path>, _ isCancelled: @escaping () -> Bool
        ) throws(PathError) {
            if let storePaths = layer.descriptor.storePaths(LayerPlan.storePathsKey) {
                listed = Set(storePaths)
                return
            }
            try layer.forEachMember(isCancelled) { (member, reader) throws(ArchiveError) in
                let path = Path(joining: Path(member.path).components)
                if changes.addRemoval(path) { return true }
                switch member.kind {
                case .directory: changes.entries[path] = .directory
                case .symlink(let target): changes.entries[path] = .symlink(Path(target))
                case .hardLink(let target): changes.entries[path] = changes.entries[Path(target).normal] ?? .other
                case .regular:
                    let isRequested =
                        contents.contains(path) && member.size <= Self.maxContentLength && !member.isSparse
                    changes.entries[path] = .file(mode: member.mode, content: isRequested ? try reader.content() : nil)
                case .fifo, .characterDevice, .blockDevice: changes.entries[path] = .other
                }
                return true
            }
        }
    }
}
