import Nar
import NixClosure
package import SystemCalls
import Tar

/// The changes that a layer makes to a store in the layers below it.
struct StoreChanges: Sendable {
    /// The wanted store paths that are complete in the layer.
    private(set) var found: Set<StorePath> = []
    /// The store paths that have members in the layer.
    private(set) var changed: Set<StorePath> = []
    /// The entries outside the store, and the removals.
    private(set) var tree: LayerTree
    /// The content of the wanted documents.
    private(set) var documents: [Path: [UInt8]] = [:]
    private let directory: [Path]

    /// Reads the layer and hashes the wanted store paths in it.
    ///
    /// - Parameters:
    ///   - directory: the directory of the store.
    ///   - search: the store paths and names that matter.
    init(
        by layer: StoredImage.Layer, in directory: Path, _ search: BaseSearch
    ) throws(PathError) {
        self.init(in: directory, search)
        // Most layers have no hard links in a wanted store path, and are read only once.
        var targets: Set<Path>? = nil
        try read(layer, search, &targets)
        guard targets != nil else { return }
        self = StoreChanges(in: directory, search)
        try read(layer, search, &targets)
    }

    private init(in directory: Path, _ search: BaseSearch) {
        self.directory = directory.components
        tree = LayerTree(store: directory, names: search.names)
    }

    /// Reads the layer to its end.
    ///
    /// - Parameter targets: the files to which hard links lead, whose content is kept; nil for the first reading, which
    ///   sets them if there is a hard link in a wanted store path.
    private mutating func read(
        _ layer: StoredImage.Layer, _ search: BaseSearch, _ targets: inout Set<Path>?
    ) throws(PathError) {
        var reading = Reading()
        do throws(ArchiveError) {
            if let targets { reading.linked = try LinkedContent(of: targets) }
        } catch { throw PathError(error.path, error.description, error.errno) }
        try layer.forEachMember(search.isCancelled) { (member, reader) throws(ArchiveError) in
            try take(member, &reader, search, &reading)
            return true
        }
        finish(&reading)
        tree.finish()
        if targets == nil, reading.needsLinks { targets = reading.targets }
    }

    /// The state of reading a layer.
    private struct Reading: ~Copyable {
        /// The content of the files to which hard links lead; nil for the first reading.
        var linked: LinkedContent?
        /// The files to which hard links lead.
        var targets: Set<Path> = []
        /// Whether a wanted store path has a hard link.
        var needsLinks = false
        /// The store paths that `finish` has checked.
        var ended: Set<StorePath> = []
        /// The store path whose members are read, and its hash.
        var current: PathInfo?
        var hash: StorePathHash?
    }

    private mutating func take(
        _ member: Member, _ reader: inout TarReader, _ search: BaseSearch, _ reading: inout Reading
    ) throws(ArchiveError) {
        let components = Path(member.path).components
        let size = tree.size
        tree.add(member, at: components)
        try search.memory.add(tree.size - size, of: Path(member.path))
        let path = Path(joining: components)
        if case .hardLink(let target) = member.kind {
            let target = Path(target).normal
            if reading.targets.insert(target).inserted {
                try search.memory.add(LinkedContent.fileSize + target.bytes.count, of: target)
            }
        }
        let isKept =
            member.kind == .regular && !member.isSparse
            && reading.linked?.add(path, member, at: reader.position) == true
        guard components.count > directory.count, components.starts(with: directory) else {
            let isDocument = try takeDocument(member, components, &reader, search.documents)
            return isKept && !isDocument ? try keep(&reader, &reading) : ()
        }
        guard let storePath = StorePath(baseName: components[directory.count]) else {
            return isKept ? try keep(&reader, &reading) : ()
        }
        changed.insert(storePath)
        guard let info = search.wanted[storePath] else { return isKept ? try keep(&reader, &reading) : () }
        if reading.current?.path != storePath {
            finish(&reading)
            reading.current = info
            reading.hash = StorePathHash()
        }
        let place = Array(components.dropFirst(directory.count + 1))
        if place == [Whiteout.name(removing: Whiteout.everything)] { return }
        if case .hardLink = member.kind { reading.needsLinks = true }
        try reading.hash?.take(member, at: path, place, &reader, &reading.linked) { _, _ in }
    }

    private func keep(_ reader: inout TarReader, _ reading: inout Reading) throws(ArchiveError) {
        while let part = try reader.nextPart() { try reading.linked?.content(part) }
    }

    /// The maximum size of a document, which is read into memory.
    private static let maxDocumentSize: Int64 = 1 << 28

    /// Returns whether the member is a document, whose content is read.
    private mutating func takeDocument(
        _ member: Member, _ components: [Path], _ reader: inout TarReader, _ documents: Set<Path>
    ) throws(ArchiveError) -> Bool {
        guard components.count == 1, documents.contains(components[0]), member.kind == .regular,
            member.size <= Self.maxDocumentSize
        else { return false }
        self.documents[components[0]] = try reader.content()
        return true
    }

    /// Checks the store path whose members were read last. It is incomplete if other members of it were read before
    /// those of another store path.
    private mutating func finish(_ reading: inout Reading) {
        guard let hash = reading.hash.take(), let info = reading.current.take() else { return }
        let isFirst = reading.ended.insert(info.path).inserted
        if isFirst, case .digest(let digest) = hash.finish(), digest.hash == info.narHash {
            found.insert(info.path)
        } else {
            found.remove(info.path)
        }
    }
}

/// Names that say what a layer hides. Source: OCI image specification, layer.md, 'Whiteouts'.
package enum Whiteout {
    private static let prefix = Array(".wh.".utf8)
    package static let everything: Path = ".wh..opq"

    static func name(removing target: Path) -> Path { Path(prefix + target.bytes) }

    /// What the name hides beside it; nil for any other name.
    package static func target(of name: Path) -> Path? {
        return name.bytes.starts(with: prefix) ? Path(name.bytes.dropFirst(prefix.count)) : nil
    }
}
