import FileTree
import SystemCalls
import Tar

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

    /// Opens the directory below the one of the layout. With `makes`, a missing one is created.
    init(in layout: Directory, _ path: Path, makes: Bool, syncs: Bool) throws(PathError) {
        self.syncs = syncs
        isOutput = makes
        let name: Path = "blobs/sha256"
        self.path = path.appending(name)
        if makes { for part in [name.parent, name] { try layout.makeMissing(part, path.appending(part)) } }
        do throws(Errno) { directory = try layout.openDirectory(Name(name)) } catch {
            throw .failed("cannot open", self.path, error)
        }
        if makes { try StagingArea.sweep(directory, self.path) }
    }

    func path(of digest: Digest) -> Path { path.appending(Path(digest.hex)) }

    func file(of digest: Digest) -> ContentFile { ContentFile(Name(digest.hex), in: directory, path(of: digest)) }

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

    /// Whether the blob exists with the content that its name requires. The file is read to its end.
    func isWhole(_ blob: BlobDescriptor, _ isCancelled: () -> Bool) throws(PathError) -> Bool {
        guard has(blob.digest, size: blob.size), let file = try? directory.openFile(Name(blob.digest.hex)) else {
            return false
        }
        let place = BlobPlace(file: path(of: blob.digest), range: 0..<blob.size, isWhole: true)
        do throws(PathError) { return try place.digest(of: file, isCancelled) == blob.digest } catch {
            // A blob that cannot be read is written again.
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

extension Directory {
    /// Creates a directory, unless the name exists.
    ///
    /// - Parameter location: the path of the new directory in messages.
    func makeMissing(_ path: Path, _ location: Path) throws(PathError) {
        do throws(Errno) { try makeDirectory(Name(path), FileMode(rawValue: 0o755)) } catch {
            if error != .exists { throw .failed("cannot create directory", location, error) }
        }
    }
}
