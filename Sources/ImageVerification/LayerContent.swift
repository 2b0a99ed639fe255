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
        /// nil for a symlink, and for a further name of a file.
        let mode: FileMode?
        let owner: Ownership
        /// In seconds since 1970.
        let modified: Int64

        init(_ path: Path, _ member: Member) {
            self.path = path
            isDirectory = member.kind == .directory
            mode = member.kind == .regular || isDirectory ? member.mode : nil
            owner = member.owner
            modified = member.modified.seconds
        }

        /// Whether the entry only removes entries of the layers below. Source: OCI image specification, layer.md,
        /// 'Whiteouts'.
        var isWhiteout: Bool { Whiteout.target(of: path.lastComponent) != nil }
    }

    /// In the layer's order.
    var entries: [Entry] = []
    /// Of each store path that has a member here.
    var storePaths: [StorePath: StorePathContent] = [:]
    /// What it says of itself.
    var documents: [Path: [UInt8]] = [:]
    /// The directories and symlinks outside the store.
    var tree = LayerTree(names: [])
}

/// Makes that of a layer's members as they come.
struct LayerContentReader: ~Copyable {
    static let documents: Set<Path> = [ExpectedStore.registration, PruneRecord.path]
    private static let longestDocument: Int64 = 1 << 28

    private let directory: [Path]
    private let progress: BlobProgress
    private var linked: LinkedContent
    private var content = LayerContent()
    private var currentPath: StorePath?
    private var current: StorePathHash?

    init(_ store: Store, _ linked: consuming LinkedContent, _ progress: BlobProgress) {
        self.progress = progress
        directory = store.directory.components
        self.linked = linked
    }

    mutating func take(_ member: Member, _ reader: inout TarReader) throws(ArchiveError) {
        let components = Path(member.path).components
        let path = Path(joining: components)
        content.entries.append(LayerContent.Entry(path, member))
        if member.kind == .regular, !member.isSparse { linked.add(path, member, at: reader.position) }
        let inside = Array(components.dropFirst(directory.count))
        guard components.starts(with: directory), let name = inside.first, let storePath = StorePath(baseName: name)
        else {
            content.tree.add(member, at: components)
            return try keep(path, member, &reader)
        }
        content.tree.addDirectories(directory[...])
        if currentPath != storePath { begin(storePath) }
        try hash(member, path, Array(inside.dropFirst()), &reader)
    }

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

    /// What lies beside the store.
    private mutating func keep(_ path: Path, _ member: Member, _ reader: inout TarReader) throws(ArchiveError) {
        let isDocument = Self.documents.contains(path) && member.size <= Self.longestDocument
        if member.isSparse, !isDocument { return }
        var bytes: [UInt8] = []
        while let part = try reader.nextPart() {
            try linked.content(part)
            if isDocument { bytes += part }
        }
        if isDocument, member.kind == .regular { content.documents[path] = bytes }
    }

    private mutating func hash(
        _ member: Member, _ path: Path, _ place: [Path], _ reader: inout TarReader
    ) throws(ArchiveError) {
        if let removed = Whiteout.target(of: path.lastComponent) {
            // If the layer removes all entries of the store path from the layers below, all content is in this layer.
            if removed != Whiteout.everything || place.count != 1 { current?.doubt("a layer removes a part of it") }
            return
        }
        switch member.kind {
        case .directory: current?.directory(place)
        case .symlink(let target): current?.symlink(place, to: target)
        case .regular where member.isSparse: current?.doubt("\(path.quoted) is a sparse file of GNU tar's")
        case .regular:
            let isWanted =
                current?.file(place, size: member.size, isExecutable: member.mode.contains(.ownerExecute)) == true
            while let part = try reader.nextPart() {
                try linked.content(part)
                if isWanted { current?.content(part) }
            }
            if isWanted { current?.endOfFile() }
        case .hardLink(let target): try hash(linkTo: Path(target).normal, path, place)
        case .fifo, .characterDevice, .blockDevice:
            current?.doubt("\(path.quoted) is nothing that a store has")
        }
    }

    private mutating func hash(linkTo target: Path, _ path: Path, _ place: [Path]) throws(ArchiveError) {
        guard let file = linked[target] else {
            current?.doubt("\(path.quoted) is a link to \(target.quoted), which is not before it in its layer")
            return
        }
        linked.add(path, file)
        guard current?.file(place, size: file.size, isExecutable: file.isExecutable) == true else { return }
        var hash = current.take()
        // A file may have many names: each is read.
        try linked.read(file) { (part) throws(ArchiveError) in
            try progress.add(part.count, of: target)
            hash?.content(part)
        }
        hash?.endOfFile()
        current = hash
    }

    consuming func finish() -> LayerContent {
        end()
        return content
    }
}
