import JSON
public import SystemCalls

/// An image layout: a folder with blobs, and an index of images by their tags.
/// Source: OCI image specification, image-layout.md.
public struct ImageLayout: Sendable {
    package static let tagKey = "org.opencontainers.image.ref.name"
    static let marker = "oci-layout"
    static let version = #"{"imageLayoutVersion":"1.0.0"}"#

    /// The folder.
    public let path: Path
    let blobs: BlobFolder
    private let folder: Directory

    /// Opens a layout; with `makes`, one is made where nothing or an empty folder is.
    public init(_ path: Path, makes: Bool) throws(PathError) {
        self.path = path
        let marker = path.appending(Path(Self.marker))
        let exists = (try? Directory.current.metadata(of: Name(marker), following: true)) != nil
        if !exists { try Self.requireNothing(path, makes: makes) }
        blobs = try BlobFolder(in: path, makes: makes)
        do throws(Errno) { folder = try Directory.current.openDirectory(Name(path), []) } catch {
            throw .failed("cannot open", path, error)
        }
        if !exists { try replace(Self.marker, Array(Self.version.utf8)) }
    }

    private static func requireNothing(_ path: Path, makes: Bool) throws(PathError) {
        guard makes else {
            throw PathError(path, "\(path.quoted) is no image layout: it has no file 'oci-layout'")
        }
        do throws(Errno) {
            let folder = try Directory.current.openDirectory(Name(path), [])
            var entries = DirectoryEntries(capacity: 32768)
            var others = 0
            while try entries.read(from: folder) {
                // Those are what another run makes first, or a killed one has left.
                entries.forEach { if $0.name != Name("blobs"), !$0.name.isTemporary { others += 1 } }
            }
            if others == 0 { return }
        } catch {
            if error == .notFound { return }
            throw .failed("cannot open", path, error)
        }
        throw PathError(
            path, "\(path.quoted) is a folder with other things in it: name an empty one, or an image layout")
    }

    /// Writes a file under another name, and renames it: a reader sees the old one or the new one.
    private func replace(_ name: String, _ content: [UInt8]) throws(PathError) {
        let staged = Name.temporary()
        do throws(Errno) {
            let file = try folder.createFile(staged, FileMode(rawValue: 0o644))
            try file.write(all: content)
            try file.close()
            try folder.rename(staged, over: Name(name))
        } catch {
            try? folder.unlink(staged)
            throw .failed("cannot write", path.appending(Path(name)), error)
        }
    }

    /// The images by tag, as the index has them.
    public func manifests() throws(PathError) -> [BlobDescriptor] {
        let file = path.appending("index.json")
        let content: [UInt8]
        do throws(Errno) { content = try folder.openFile(Name("index.json"), []).readToEnd() } catch {
            if error == .notFound { return [] }
            throw .failed("cannot read", file, error)
        }
        return try Self.manifests(in: content, file)
    }

    static func manifests(in content: [UInt8], _ file: Path) throws(PathError) -> [BlobDescriptor] {
        let index = try Self.json(content, file)
        guard let elements = index["manifests"]?.elements else { throw .malformed(file, "it has no key 'manifests'") }
        var found: [BlobDescriptor] = []
        for element in elements {
            guard let descriptor = BlobDescriptor(element) else {
                throw .malformed(file, "an entry has no digest or size")
            }
            found.append(descriptor)
        }
        return found
    }

    static func json(_ content: [UInt8], _ path: Path) throws(PathError) -> JSONValue {
        do throws(JSONReader.Failure) { return try JSONReader.value(of: content) } catch {
            throw .malformed(path, "line \(error.line): \(error.expected) is expected")
        }
    }

    /// Gives the image its tag; what is attached to an image has none. Others keep theirs, also when two runs do this at once:
    /// whoever is second waits.
    func publish(_ manifest: BlobDescriptor, as tag: String?) throws(PathError) {
        let lock = try lock()
        var manifests = try manifests().filter { other in
            tag == nil ? other.digest != manifest.digest : other.annotations[Self.tagKey] != tag
        }
        var tagged = manifest
        tagged.annotations[Self.tagKey] = tag
        manifests.append(tagged)
        let digests = Set(manifests.map { "\($0.digest)" })
        manifests.removeAll { $0.annotations[Referrer.subjectKey].map { !digests.contains($0) } ?? false }
        manifests.sort {
            ($0.annotations[Self.tagKey] ?? "", $0.digest) < ($1.annotations[Self.tagKey] ?? "", $1.digest)
        }
        try replace("index.json", Self.index(manifests))
        do throws(Errno) { try lock.close() } catch { throw .failed("cannot unlock", path, error) }
    }

    static func index(_ manifests: [BlobDescriptor]) -> [UInt8] {
        let index = JSONValue.object([
            ("schemaVersion", .number(2)), ("mediaType", .string(MediaType.index)),
            ("manifests", .array(manifests.map(\.json))),
        ])
        return Array(index.text.utf8)
    }

    private func lock() throws(PathError) -> Descriptor {
        do throws(Errno) {
            let file = try folder.openFile(Name(Self.marker), [])
            try file.lock()
            return file
        } catch { throw .failed("cannot lock", path, error) }
    }
}
