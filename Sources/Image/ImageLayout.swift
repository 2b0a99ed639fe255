import FileTree
import JSON
public import SystemCalls

/// An image layout: a directory with blobs, and an index of images by their tags.
/// Source: OCI image specification, image-layout.md.
public struct ImageLayout: Sendable {
    package static let tagKey = "org.opencontainers.image.ref.name"
    static let marker = "oci-layout"
    static let version = #"{"imageLayoutVersion":"1.0.0"}"#
    private static let indexName = Name("index.json")

    /// The path of the directory.
    public let path: Path
    /// How it waits for others that change the same layout.
    public var patience = Patience()
    /// Whether each file is on disk before it gets its name, and all names are when the image is published.
    public let syncs: Bool
    /// Whether the layout is removed after the run.
    var isTemporary = false
    let blobs: BlobFolder
    private let directory: Directory

    /// Opens a layout; with `makes`, one is made if nothing or an empty directory exists at the path.
    public init(_ path: Path, makes: Bool, syncs: Bool = false) throws(PathError) {
        self.path = path
        self.syncs = syncs
        if !Self.isLayout(path) { try Self.requireNothing(path, makes: makes) }
        blobs = try BlobFolder(in: path, makes: makes, syncs: syncs)
        do throws(Errno) { directory = try Directory.current.openDirectory(Name(path)) } catch {
            throw .failed("cannot open", path, error)
        }
        if makes { try begin() }
    }

    private static func isLayout(_ path: Path) -> Bool {
        (try? Directory.current.metadata(of: Name(path.appending(Path(marker))), following: true)) != nil
    }

    private static func requireNothing(_ path: Path, makes: Bool) throws(PathError) {
        guard makes else {
            throw PathError(path, "\(path.quoted) is no image layout: it has no file 'oci-layout'")
        }
        // Another run may have finished it between the first look and this one.
        if try isFree(path) || isLayout(path) { return }
        throw PathError(
            path, "\(path.quoted) is a folder with other things in it: name an empty one, or an image layout")
    }

    /// Nothing is there but what another run makes first, or a killed one has left.
    private static func isFree(_ path: Path) throws(PathError) -> Bool {
        var names: Set<Name> = []
        do throws(Errno) {
            let directory = try Directory.current.openDirectory(Name(path))
            var entries = DirectoryEntries(capacity: 32768)
            while try entries.read(from: directory) { entries.forEach { names.insert($0.name) } }
        } catch {
            if error == .notFound { return true }
            throw .failed("cannot open", path, error)
        }
        let hasBlobs = names.remove(Name("blobs")) != nil
        if names.contains(indexName), hasBlobs || isWithoutImages(path) { names.remove(indexName) }
        return names.allSatisfy(\.isTemporary)
    }

    /// Whether the index in a directory names no image: it may be on disk before the directory of the blobs.
    private static func isWithoutImages(_ path: Path) -> Bool {
        let file = path.appending(Path(indexName.bytes))
        let content = try? Directory.current.openFile(Name(file)).readToEnd(atMost: maxDocumentSize)
        return content.map { $0 == LayoutIndex().content || $0.isEmptyOrNUL } ?? false
    }

    /// The marker comes last: whoever sees it sees a layout. Of several runs at once the first one's files stay.
    private func begin() throws(PathError) {
        try StagingArea.sweep(directory, path)
        try makeOnce(Self.indexName, LayoutIndex().content)
        try makeOnce(Name(Self.marker), Array(Self.version.utf8))
    }

    private func makeOnce(_ name: Name, _ content: [UInt8]) throws(PathError) {
        let exists = (try? directory.metadata(of: name, following: true)) != nil
        // An index that a power cut has emptied is replaced under a lock, when the first image is published.
        if exists, name == Self.indexName || !hasLost(name) { return }
        let file = try NewFile(in: directory, path, syncs: syncs)
        try file.write(content, for: name)
        try file.publish(as: name, replacing: exists)
    }

    /// Whether a file exists that is empty or consists of NUL bytes, as a power cut leaves it.
    private func hasLost(_ name: Name) -> Bool {
        guard let content = try? directory.openFile(name).readToEnd(atMost: maxDocumentSize) else {
            return false
        }
        return content.isEmptyOrNUL
    }

    /// Whether a power cut has emptied the index, so that the tags of all images are lost.
    public var hasLostIndex: Bool { hasLost(Self.indexName) }

    /// The images by tag, as the index has them.
    public func manifests() throws(PathError) -> [BlobDescriptor] { try index().descriptors }

    func index() throws(PathError) -> LayoutIndex {
        let file = path.appending(Self.indexName)
        let content: [UInt8]
        do throws(Errno) {
            content = try directory.openFile(Self.indexName).readToEnd(atMost: maxDocumentSize)
        } catch {
            if error == .notFound { return LayoutIndex() }
            throw .failed("cannot read", file, error)
        }
        // A power cut has emptied the file.
        if content.isEmptyOrNUL { return LayoutIndex() }
        return try LayoutIndex(content, file)
    }

    static func descriptor(_ entry: JSONValue, _ path: Path) throws(PathError) -> BlobDescriptor {
        guard let descriptor = BlobDescriptor(entry) else {
            throw .malformed(path, "an entry of its index has no type, no size or no SHA-256 digest")
        }
        return descriptor
    }

    static func json(_ content: [UInt8], _ path: Path) throws(PathError) -> JSONValue {
        do throws(JSONReader.Failure) { return try JSONReader.value(of: content) } catch {
            throw .malformed(path, "line \(error.line): \(error.expected) is expected")
        }
    }

    /// Gives the image its tag; what is attached to an image has none. Others keep theirs, also when two runs do this
    /// at once: whoever is second waits.
    func publish(_ manifest: BlobDescriptor, as tag: String?) throws(PathError) {
        let lock = try LayoutLock(directory, path, patience)
        var index = try index()
        index.put(manifest, as: tag)
        // If only the new name were on disk, a power cut would lose the tags of all images.
        let file = try NewFile(in: directory, path, syncs: !isTemporary)
        try file.write(index.content, for: Self.indexName)
        if syncs {
            do throws(Errno) {
                let device = try directory.metadata().identity.device
                // A symlink may have put the blobs on another file system.
                if try blobs.directory.metadata().identity.device != device { try blobs.directory.syncFileSystem() }
                try directory.syncFileSystem()
            } catch {
                file.discard()
                throw .failed("cannot sync", path, error)
            }
        }
        try file.publish(as: Self.indexName)
        if syncs {
            do throws(Errno) { try directory.syncFileSystem() } catch { throw .failed("cannot sync", path, error) }
        }
        try lock.unlock()
    }
}
