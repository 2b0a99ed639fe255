import FileTree
package import NixClosure
package import SystemCalls
import Tar

/// The entries of a base image, as an unpacker leaves them. The layers that list their store paths are not read.
package struct BaseFiles: Sendable {
    /// An entry.
    package enum Entry: Hashable, Sendable {
        case directory
        case symlink(Path)
        /// A regular file, with its content if that was requested.
        case file(mode: FileMode, content: [UInt8]?)
        /// A device, a FIFO, or a hard link to an entry of another layer.
        case other
    }

    private static let maxContentLength: Int64 = 1 << 24

    /// The store paths that layers list.
    package private(set) var listed: Set<StorePath> = []
    private var entries: [Path: Entry] = [:]

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
        for result in results { add(try result.get()) }
    }

    /// The entry at a path without symlinks; nil if there is none.
    package func entry(at components: [Path]) -> Entry? { entries[Path(joining: components)] }

    private mutating func add(_ layer: LayerFiles) {
        listed.formUnion(layer.listed)
        if !layer.removed.isEmpty || !layer.emptied.isEmpty {
            entries = entries.filter { path, _ in !layer.removes(path.components) }
        }
        for (path, entry) in layer.entries {
            entries[path] = entry
            addDirectories(above: path)
        }
    }

    /// Archives need not have the directories above an entry.
    private mutating func addDirectories(above path: Path) {
        var above = path.components.dropLast()
        while !above.isEmpty, entries[Path(joining: above)] == nil {
            entries[Path(joining: above)] = .directory
            above.removeLast()
        }
    }

    /// The changes that one layer makes.
    private struct LayerFiles: Sendable {
        static let maxContentLength = BaseFiles.maxContentLength

        var listed: Set<StorePath> = []
        var entries: [Path: Entry] = [:]
        /// The paths that the layer removes from the layers below.
        var removed: Set<Path> = []
        /// The directories whose entries the layer removes from the layers below.
        var emptied: Set<Path> = []

        init(
            _ layer: StoredImage.Layer, _ contents: Set<Path>, _ isCancelled: @escaping () -> Bool
        ) throws(PathError) {
            if let storePaths = layer.descriptor.storePaths(LayerPlan.storePathsKey) {
                listed = Set(storePaths)
                return
            }
            try layer.forEachMember(isCancelled) { (member, reader) throws(ArchiveError) in
                let path = Path(joining: Path(member.path).components)
                if let target = Whiteout.target(of: path.lastComponent) {
                    let directory = path.components.dropLast()
                    if target == Whiteout.everything {
                        emptied.insert(Path(joining: directory))
                    } else {
                        removed.insert(Path(joining: directory + [target]))
                    }
                    return true
                }
                switch member.kind {
                case .directory: entries[path] = .directory
                case .symlink(let target): entries[path] = .symlink(Path(target))
                case .hardLink(let target): entries[path] = entries[Path(target).normal] ?? .other
                case .regular:
                    let isRequested =
                        contents.contains(path) && member.size <= Self.maxContentLength && !member.isSparse
                    entries[path] = .file(mode: member.mode, content: isRequested ? try reader.content() : nil)
                case .fifo, .characterDevice, .blockDevice: entries[path] = .other
                }
                return true
            }
        }

        func removes(_ components: [Path]) -> Bool {
            components.indices.contains { end in
                removed.contains(Path(joining: components[...end]))
                    || emptied.contains(Path(joining: components[..<end]))
            }
        }
    }
}
