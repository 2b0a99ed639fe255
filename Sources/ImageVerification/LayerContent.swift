import Image
import NixClosure
import Pruning
import SystemCalls
import Tar
import Verification

/// What a layer holds.
struct LayerContent: Sendable {
    struct Entry: Sendable {
        let path: Path
        let isDirectory: Bool
        /// A device or a FIFO.
        let isSpecial: Bool
        /// nil for a symlink: a system has no modes of symlinks.
        let mode: FileMode?
        let owner: Ownership
        /// In seconds since 1970.
        let modified: Int64
        /// The file of which a hard link is a further name.
        var linkTarget: Path?
        /// The names of the extended attributes and ACLs that no store path has.
        let attributes: [Path]

        init(_ path: Path, _ member: Member) {
            self.path = path
            isDirectory = member.kind == .directory
            isSpecial =
                switch member.kind {
                case .fifo, .characterDevice, .blockDevice: true
                case .regular, .directory, .symlink, .hardLink: false
                }
            mode = if case .symlink = member.kind { nil } else { member.mode }
            owner = member.owner
            modified = member.modified.seconds
            if case .hardLink(let target) = member.kind { linkTarget = Path(joining: Path(target).components) }
            attributes = member.attributes.compactMap(\.attributeName).filter(AttributeRule.forbids(record:))
                .map { Path($0) }
        }

        /// The bytes of memory that the names of the entry take.
        fileprivate var size: Int {
            path.bytes.count + (linkTarget?.bytes.count ?? 0) + attributes.reduce(0) { $0 + $1.bytes.count + 48 }
        }

        /// Whether the entry only removes entries of the layers below. Source: OCI image specification, layer.md,
        /// 'Whiteouts'.
        var isWhiteout: Bool { Whiteout.target(of: path.lastComponent) != nil }

        /// The entry that a whiteout removes, or the directory of which it removes all entries.
        var removedPath: Path? {
            guard let target = Whiteout.target(of: path.lastComponent) else { return nil }
            let directory = Path(joining: path.components.dropLast())
            return target == Whiteout.everything ? directory : directory.appending(target)
        }
    }

    /// The entries in the store, and hard links and entries with privileges elsewhere, in the layer's order.
    var entries: [Entry] = []
    /// The names of files outside the store that the layer has more than once.
    var repeated: Set<Path> = []
    /// Of each store path that has a member here.
    var storePaths: [StorePath: StorePathContent] = [:]
    /// What it says of itself.
    var documents: [Path: [UInt8]] = [:]
    /// The changes to the store and to the directories above it.
    var tree: LayerTree
}

/// Makes that of a layer's members as they come.
struct LayerContentReader: ~Copyable {
    static let documents: Set<Path> = [ExpectedStore.registration, PruneRecord.path]
    private static let longestDocument: Int64 = 1 << 28

    private let directory: [Path]
    private let progress: BlobProgress
    private var linked: LinkedContent?
    private var content: LayerContent
    /// The hashes of the names of files outside the store.
    private var files: Set<Int> = []
    private var currentPath: StorePath?
    private var current: StorePathHash?

    init(_ store: Store, _ linked: consuming LinkedContent, _ progress: BlobProgress) {
        self.progress = progress
        directory = store.directory.components
        let names = Set(Self.documents.map(\.lastComponent))
        content = LayerContent(tree: LayerTree(store: Path(joining: directory), names: names))
        self.linked = consume linked
    }

    mutating func take(_ member: Member, _ reader: inout TarReader) throws(ArchiveError) {
        let components = Path(member.path).components
        let path = Path(joining: components)
        let size = content.tree.size
        content.tree.add(member, at: components)
        try progress.memory.add(content.tree.size - size, of: path)
        let inside = Array(components.dropFirst(directory.count))
        let isInStore = components.starts(with: directory) && !inside.isEmpty
        try add(LayerContent.Entry(path, member), isInStore: isInStore)
        if isInStore, member.kind == .regular, !member.isSparse {
            _ = linked?.add(path, member, at: reader.position)
            try progress.memory.add(LinkedContent.fileSize, of: path)
        }
        guard isInStore, let name = inside.first, let storePath = StorePath(baseName: name) else {
            try linked?.check(member, at: path)
            return try keep(path, member, isInStore: isInStore, &reader)
        }
        if currentPath != storePath { begin(storePath) }
        try hash(member, path, Array(inside.dropFirst()), &reader)
    }

    private mutating func add(_ entry: LayerContent.Entry, isInStore: Bool) throws(ArchiveError) {
        if !isInStore, !entry.isDirectory, !files.insert(entry.path.hashValue).inserted {
            content.repeated.insert(entry.path)
        }
        let isKept = isInStore || entry.linkTarget != nil || entry.isPrivileged
        try progress.memory.add(isKept ? entry.size + Self.entrySize : Self.hashSize, of: entry.path)
        if isKept { content.entries.append(entry) }
    }

    /// The bytes of memory that an entry and a hash take.
    private static let (entrySize, hashSize) = (128, 24)

    private mutating func begin(_ path: StorePath) {
        end()
        currentPath = path
        let isBack = content.storePaths[path] != nil
        current = StorePathHash(doubt: isBack ? "its members are not in one place" : nil)
    }

    private mutating func end() {
        guard let done = current.take(), let currentPath else { return }
        let found = done.finish()
        content.storePaths[currentPath] = found
    }

    /// Keeps the content of documents, and of files in the store that belong to no store path: hard links may lead to
    /// them.
    private mutating func keep(
        _ path: Path, _ member: Member, isInStore: Bool, _ reader: inout TarReader
    ) throws(ArchiveError) {
        let isDocument = Self.documents.contains(path) && member.size <= Self.longestDocument
        guard member.kind == .regular, isDocument || isInStore && !member.isSparse else { return }
        var bytes: [UInt8] = []
        while let part = try reader.nextPart() {
            if isInStore { try linked?.content(part) }
            if isDocument {
                try progress.memory.add(part.count, of: path)
                bytes += part
            }
        }
        if isDocument { content.documents[path] = bytes }
    }

    private mutating func hash(
        _ member: Member, _ path: Path, _ place: [Path], _ reader: inout TarReader
    ) throws(ArchiveError) {
        if let removed = Whiteout.target(of: path.lastComponent) {
            // If the layer removes all entries of the store path from the layers below, all content is in this layer.
            if removed != Whiteout.everything || place.count != 1 { current?.doubt("a layer removes a part of it") }
            return
        }
        if case .hardLink = member.kind { try progress.memory.add(LinkedContent.fileSize, of: path) }
        try current?.take(member, at: path, place, &reader, &linked) {
            [progress] (count, target) throws(ArchiveError) in
            try progress.add(count, of: target)
        }
    }

    consuming func finish() -> LayerContent {
        end()
        content.tree.finish()
        return content
    }
}
