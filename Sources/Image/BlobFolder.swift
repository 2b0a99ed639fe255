import FileTree
import SystemCalls

/// The directory `blobs/sha256` of an image layout, in which each blob has its digest as its name and is either
/// complete or absent. A blob may be a symlink, as Bazel and nixpkgs' linkFarm write it: reading follows the symlink,
/// and writing replaces it. Source: OCI image specification, image-layout.md.
struct BlobFolder: Sendable {
    let path: Path
    let directory: Directory
    /// Whether the content of a blob is on disk before it has its name.
    private let syncs: Bool
    /// Whether the layout is written to.
    private let isOutput: Bool

    /// Opens the folder, which is made with those above it where it is not there.
    init(in layout: Path, makes: Bool, syncs: Bool) throws(PathError) {
        self.syncs = syncs
        isOutput = makes
        path = layout.appending("blobs/sha256")
        if makes { for folder in [layout, layout.appending("blobs"), path] { try Self.make(folder) } }
        do throws(Errno) { directory = try Directory.current.openDirectory(Name(path)) } catch {
            throw .failed("cannot open", path, error)
        }
        if makes { try StagingArea.sweep(directory, path) }
    }

    private static func make(_ folder: Path) throws(PathError) {
        do throws(Errno) { try Directory.current.makeDirectory(Name(folder), FileMode(rawValue: 0o755)) } catch {
            if error != .exists { throw .failed("cannot create directory", folder, error) }
        }
    }

    func path(of digest: Digest) -> Path { path.appending(Path(digest.hex)) }

    /// Whether the blob is there, with that size; nil for any.
    func has(_ digest: Digest, size: Int64?) -> Bool {
        guard let metadata = try? directory.metadata(of: Name(digest.hex), following: true) else { return false }
        return metadata.kind == .regular && (size == nil || metadata.size == size)
    }

    /// Whether the blob exists and has not lost its content in a power cut. A blob that was written before the machine
    /// was started is read, and its time of status change is updated.
    func isIntact(_ blob: BlobDescriptor, _ isCancelled: () -> Bool) throws(PathError) -> Bool {
        let name = Name(blob.digest.hex)
        guard has(blob.digest, size: blob.size), let found = try? directory.metadata(of: name, following: true) else {
            return false
        }
        if found.changed.isSince(machineStartTime()) { return true }
        guard try isWhole(blob, isCancelled) else { return false }
        // If this fails, the next run reads the blob again.
        if isOutput { try? directory.renewStatusChange(of: name, found) }
        return true
    }

    /// Whether the blob is there and has the bytes that its name says: all of it is read.
    func isWhole(_ blob: BlobDescriptor, _ isCancelled: () -> Bool) throws(PathError) -> Bool {
        guard has(blob.digest, size: blob.size) else { return false }
        let place = BlobPlace(file: path(of: blob.digest), range: 0..<blob.size, isWhole: true)
        do throws(PathError) { return try place.digest(isCancelled) == blob.digest } catch {
            // One that cannot be read is as good as none.
            if error.isCancelled { throw error }
            return false
        }
    }

    func read(_ descriptor: BlobDescriptor) throws(PathError) -> [UInt8] {
        let content: [UInt8]
        do throws(Errno) {
            content = try directory.openFile(Name(descriptor.digest.hex)).readToEnd(atMost: maxDocumentSize)
        } catch { throw .failed("cannot read", path(of: descriptor.digest), error) }
        guard Digest(of: content) == descriptor.digest else {
            throw .malformed(path(of: descriptor.digest), "it is not what its name says; make the image anew")
        }
        return content
    }

    /// Writes a small blob, unless it is there byte for byte.
    func write(_ bytes: [UInt8], _ mediaType: String) throws(PathError) -> BlobDescriptor {
        let descriptor = BlobDescriptor(mediaType, Digest(of: bytes), size: Int64(bytes.count))
        let name = Name(descriptor.digest.hex)
        if has(descriptor.digest, size: descriptor.size),
            (try? directory.openFile(name).readToEnd(atMost: bytes.count)) == bytes
        {
            return descriptor
        }
        let file = try make()
        try file.write(bytes, for: name)
        try file.publish(as: name)
        return descriptor
    }

    func make() throws(PathError) -> NewFile { try NewFile(in: directory, path, syncs: syncs) }
}
