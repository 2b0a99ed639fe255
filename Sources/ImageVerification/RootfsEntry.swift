import FileTree
import Image
import NixClosure
import SystemCalls
import Tar

import struct Crypto.SHA256

/// An entry of an image outside the store, as far as a root file system has to be equal to it.
struct RootfsEntry: LayeredEntry, Equatable {
    enum Content: Equatable {
        case directory
        case file(size: Int64, digest: Digest)
        case symlink(to: Path)
        case device(FileKind, DeviceNumber)
        case fifo
        /// Another name of an entry of a layer below.
        case hardLink(to: Path)
    }

    struct Properties: Equatable {
        let mode: FileMode
        let owner: Ownership
        /// The extended attributes that all unpackers set.
        let attributes: [[UInt8]: [UInt8]]
        /// The names of all attributes and ACLs.
        let names: Set<[UInt8]>

        init(_ member: Member) {
            mode = member.mode
            owner = member.owner
            var attributes: [[UInt8]: [UInt8]] = [:]
            for attribute in member.attributes {
                guard let name = attribute.attributeName, attribute.key.starts(with: "SCHILY.xattr.".utf8) else {
                    continue
                }
                attributes[name] = attribute.value
            }
            self.attributes = attributes
            names = Set(member.attributes.compactMap(\.attributeName))
        }
    }

    let content: Content
    /// nil for a directory that only the entries in it imply.
    let properties: Properties?

    static var impliedDirectory: RootfsEntry { RootfsEntry(content: .directory, properties: nil) }
    var isDirectory: Bool { content == .directory }

    var kind: FileKind {
        switch content {
        case .directory: .directory
        case .file, .hardLink: .regular
        case .symlink: .symlink
        case .device(let kind, _): kind
        case .fifo: .fifo
        }
    }
}

/// The entries of an image outside the store, as an unpacker leaves them.
struct RootfsImage {
    private let image: StoredImage
    private let store: [Path]
    private let progress: BlobProgress

    init(_ image: StoredImage, outside store: Store, _ progress: BlobProgress) {
        self.image = image
        self.store = store.directory.components
        self.progress = progress
    }

    /// Reads all layers, in parallel.
    ///
    /// - Throws: An error if a layer is not the one that the configuration names, or if programs unpack the image in
    ///   different ways.
    func entries(workers: Int?) throws(PathError) -> [Path: RootfsEntry] {
        let layers = image.layers
        let jobs = JobList(sizes: layers.map { UInt64($0.place.size) }, workers: workers ?? ProcessState.processors)
        let results = jobs.run {
        } _: { [self] _, job in
            Result { () throws(PathError) in try entries(of: layers[job]) }
        }
        var layered = LayeredEntries<RootfsEntry>()
        for result in results {
            var layer = try result.get()
            for (path, entry) in layer.entries {
                guard case .hardLink(let target) = entry.content else { continue }
                guard let file = layered.entries[target] else {
                    throw refused(path, "a hard link to \(absolute(target).quoted), which does not exist")
                }
                layer.entries[path] = file
            }
            layered.apply(layer)
            if let path = layered.crossings.min() {
                throw refused(path, "a symlink or file with entries below it, which programs unpack in different ways")
            }
        }
        return layered.entries
    }

    private func absolute(_ path: Path) -> Path { Path("/").appending(path) }

    private func refused(_ path: Path, _ problem: String) -> PathError {
        PathError(
            image.path,
            "cannot compare with the image \(image.path.quoted): \(absolute(path).quoted) is \(problem); build it again"
        )
    }

    private func entries(of layer: StoredImage.Layer) throws(PathError) -> LayerEntries<RootfsEntry> {
        let place = layer.place
        let packing = Packing(beginning: try place.beginning(Packing.length))
        let file = FilePart(try place.open(), named: place.file, place.range)
        do throws(ArchiveError) {
            let bytes = HashedSource(try packing.unpacked(file, named: place.file)) { (count) throws(ArchiveError) in
                try progress.add(count, of: place.file)
            }
            var reader = TarReader(bytes, named: place.file, ending: .any)
            var entries = LayerEntries<RootfsEntry>()
            while let member = try reader.next() { try add(member, &reader, to: &entries) }
            try reader.drain()
            try bytes.drain()
            guard bytes.digest == layer.diffID else {
                throw .refused(
                    place.file, "the layer \(layer.diffID) in \(place.file.quoted) is altered; pull the image again")
            }
            return entries
        } catch { throw PathError(error) }
    }

    private func add(
        _ member: Member, _ reader: inout TarReader, to layer: inout LayerEntries<RootfsEntry>
    ) throws(ArchiveError) {
        let components = Path(member.path).components
        if components.count > store.count, components.starts(with: store) { return }
        let path = Path(joining: components)
        let attributes = member.attributes.reduce(0) { $0 + $1.key.count + $1.value.count }
        try progress.memory.add(Self.entrySize + 2 * path.bytes.count + 2 * attributes, of: path)
        if layer.addRemoval(path) { return }
        switch member.kind {
        case .hardLink(let target):
            let target = Path(joining: Path(target).components)
            layer.entries[path] =
                layer.entries[target] ?? RootfsEntry(content: .hardLink(to: target), properties: nil)
        case .directory: set(.directory)
        case .symlink(let target): set(.symlink(to: Path(target)))
        case .fifo: set(.fifo)
        case .characterDevice(let number): set(.device(.characterDevice, number))
        case .blockDevice(let number): set(.device(.blockDevice, number))
        case .regular:
            if member.isSparse {
                throw .refused(path, "cannot compare \(absolute(path).quoted): it is a sparse file in the image")
            }
            var hash = SHA256()
            while let part = try reader.nextPart() { hash.update(bufferPointer: part) }
            set(.file(size: member.size, digest: Digest(hash.finalize())))
        }
        func set(_ content: RootfsEntry.Content) {
            layer.entries[path] = RootfsEntry(content: content, properties: RootfsEntry.Properties(member))
        }
    }

    /// The bytes of memory that an entry takes beside its path and attributes.
    private static let entrySize = 400
}
