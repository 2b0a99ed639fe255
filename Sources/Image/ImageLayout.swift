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
    private let isTemporary: Bool
    let blobs: BlobFolder
    private let directory: Directory

    /// Opens a layout. With `makes`, a missing one is created, also in an empty directory.
    public init(_ path: Path, makes: Bool, syncs: Bool = false) throws(PathError) {
        if makes { try Directory.current.makeMissing(path, path) }
        let directory: Directory
        do throws(Errno) { directory = try Directory.current.openDirectory(Name(path)) } catch {
            if !makes, error == .notFound || error == .notDirectory { throw Self.noLayout(path) }
            throw .failed("cannot open", path, error)
        }
        try self.init(in: directory, path, makes: makes, syncs: syncs, isTemporary: false)
    }

    /// Makes a layout in a directory that is removed after the run.
    init(temporary directory: Directory, _ path: Path) throws(PathError) {
        try self.init(in: directory, path, makes: true, syncs: false, isTemporary: true)
    }

    private init(
        in directory: Directory, _ path: Path, makes: Bool, syncs: Bool, isTemporary: Bool
    ) throws(PathError) {
        self.path = path
        self.syncs = syncs
        self.isTemporary = isTemporary
        self.directory = directory
        if try !Self.isLayout(directory, path) { try Self.requireNothing(directory, path, makes: makes) }
        blobs = try BlobFolder(in: directory, path, makes: makes, syncs: syncs)
        if makes { try begin() }
    }

    private static func isLayout(_ directory: Directory, _ path: Path) throws(PathError) -> Bool {
        try kind(of: Name(marker), in: directory, path) != nil
    }

    /// The type of a document of the layout, which must be a regular file; nil if it is missing.
    private static func kind(of name: Name, in directory: Directory, _ path: Path) throws(PathError) -> FileKind? {
        guard let kind = (try? directory.metadata(of: name, following: true))?.kind else { return nil }
        if kind == .regular { return kind }
        let file = path.appending(name)
        throw PathError(file, "\(file.quoted) is not a regular file, as the layout needs it; remove it")
    }

    private static func noLayout(_ path: Path) -> PathError {
        PathError(path, "\(path.quoted) is no image layout: it has no file 'oci-layout'")
    }

    private static func requireNothing(_ directory: Directory, _ path: Path, makes: Bool) throws(PathError) {
        if !makes { throw noLayout(path) }
        if try isFree(directory, path) { return }
        // Another run may have finished it between the first look and this one.
        if try isLayout(directory, path) { return }
        throw PathError(path, "\(path.quoted) is a directory with other entries: name an empty one, or an image layout")
    }

    /// Whether the directory has only entries that another run makes first, or that a killed run has left.
    private static func isFree(_ directory: Directory, _ path: Path) throws(PathError) -> Bool {
        var names: Set<Name> = []
        do throws(Errno) {
            let listing = try directory.openDirectory(Name("."))
            var entries = DirectoryEntries(capacity: 32768)
            while try entries.read(from: listing) { entries.forEach { names.insert($0.name) } }
        } catch { throw .failed("cannot open", path, error) }
        let hasBlobs = names.remove(Name("blobs")) != nil
        if names.contains(indexName), hasBlobs || hasIndex(directory, path) { names.remove(indexName) }
        return names.allSatisfy(\.isTemporary)
    }

    /// Whether the index in a directory is that of a layout, or a power cut has emptied it. It may be on disk before all
    /// other entries of the layout.
    private static func hasIndex(_ directory: Directory, _ path: Path) -> Bool {
        guard let content = try? directory.openFile(indexName).readToEnd(atMost: maxDocumentSize) else { return false }
        return content.isEmptyOrNUL || (try? LayoutIndex(content, path.appending(indexName))) != nil
    }

    /// The marker comes last: whoever sees it sees a layout. Of several runs at once the first one's files stay.
    private func begin() throws(PathError) {
        try StagingArea.sweep(directory, path)
        try makeOnce(Self.indexName, LayoutIndex().content)
        try makeOnce(Name(Self.marker), Array(Self.version.utf8))
    }

    private func makeOnce(_ name: Name, _ content: [UInt8]) throws(PathError) {
        let exists = try Self.kind(of: name, in: directory, path) != nil
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
        guard try Self.kind(of: Self.indexName, in: directory, path) != nil else { return LayoutIndex() }
        let content: [UInt8]
        do throws(Errno) {
            content = try directory.openFile(Self.indexName).readToEnd(atMost: maxDocumentSize)
        } catch { throw .failed("cannot read", file, error) }
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
