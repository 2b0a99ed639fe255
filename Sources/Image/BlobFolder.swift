import SystemCalls

/// `blobs/sha256` of an image layout: each blob under its digest, there when it is whole.
/// Source: OCI image specification, image-layout.md.
struct BlobFolder: Sendable {
    let path: Path
    let directory: Directory

    /// Opens the folder, which is made with those above it where it is not there.
    init(in layout: Path, makes: Bool) throws(PathError) {
        path = layout.appending("blobs/sha256")
        if makes { for folder in [layout, layout.appending("blobs"), path] { try Self.make(folder) } }
        do throws(Errno) { directory = try Directory.current.openDirectory(Name(path), []) } catch {
            throw .failed("cannot open", path, error)
        }
    }

    private static func make(_ folder: Path) throws(PathError) {
        do throws(Errno) { try Directory.current.makeDirectory(Name(folder), FileMode(rawValue: 0o755)) } catch {
            if error != .exists { throw .failed("cannot create directory", folder, error) }
        }
    }

    func path(of digest: Digest) -> Path { path.appending(Path(digest.hex)) }

    /// Whether the blob is there, with that size; nil for any.
    func has(_ digest: Digest, size: Int64?) -> Bool {
        guard let metadata = try? directory.metadata(of: Name(digest.hex), following: false) else { return false }
        return metadata.kind == .regular && (size == nil || metadata.size == size)
    }

    func open(_ digest: Digest) throws(PathError) -> OpenedBlob {
        do throws(Errno) { return OpenedBlob(file: try directory.openFile(Name(digest.hex), .noFollow)) } catch {
            throw .failed("cannot open", path(of: digest), error)
        }
    }

    func read(_ descriptor: BlobDescriptor) throws(PathError) -> [UInt8] {
        let content: [UInt8]
        do throws(Errno) {
            content = try directory.openFile(Name(descriptor.digest.hex), .noFollow).readToEnd()
        } catch { throw .failed("cannot read", path(of: descriptor.digest), error) }
        guard Digest(of: content) == descriptor.digest else {
            throw .malformed(path(of: descriptor.digest), "it is not what its name says; make the image anew")
        }
        return content
    }

    /// Writes a small blob, unless it is there.
    func write(_ bytes: [UInt8], _ mediaType: String) throws(PathError) -> BlobDescriptor {
        let digest = Digest(of: bytes)
        let descriptor = BlobDescriptor(mediaType, digest, size: Int64(bytes.count))
        if has(digest, size: descriptor.size) { return descriptor }
        let blob = try NewBlob(in: directory, path)
        do throws(Errno) { try blob.file.write(all: bytes) } catch {
            blob.discard()
            throw .failed("cannot write", path(of: digest), error)
        }
        try blob.publish(digest)
        return descriptor
    }

    func make() throws(PathError) -> NewBlob { try NewBlob(in: directory, path) }
}

/// A blob that is read.
struct OpenedBlob: ~Copyable {
    let file: Descriptor
}

/// A blob whose digest is not known before all of it is written.
struct NewBlob: ~Copyable {
    let file: Descriptor
    private let directory: Directory
    private let path: Path
    /// Where the file system has no files without a name.
    private let temporary: Name?

    init(in directory: Directory, _ path: Path) throws(PathError) {
        let mode = FileMode(rawValue: 0o644)
        self.directory = directory
        self.path = path
        do throws(Errno) {
            let unnamed = ProcessState.hasDescriptorFolder ? try Self.unnamed(in: directory, mode) : nil
            if let unnamed {
                file = unnamed
                temporary = nil
            } else {
                let name = Name.temporary()
                file = try directory.createFile(name, mode)
                temporary = name
            }
        } catch { throw .failed("cannot create a file in", path, error) }
    }

    private static func unnamed(in directory: Directory, _ mode: FileMode) throws(Errno) -> Descriptor? {
        do throws(Errno) { return try directory.createUnnamed(mode) } catch {
            if [.notSupported, .isDirectory, .notFound].contains(error) { return nil }
            throw error
        }
    }

    /// For writing.
    func duplicate() throws(PathError) -> Descriptor {
        do throws(Errno) { return try file.duplicate() } catch { throw .failed("cannot write", path, error) }
    }

    /// Gives the blob its name. When somebody else has published the same bytes meanwhile, theirs stay.
    consuming func publish(_ digest: Digest) throws(PathError) {
        let name = Name(digest.hex)
        do throws(Errno) {
            if let temporary {
                try directory.rename(temporary, over: name)
            } else {
                try replace(name)
            }
        } catch {
            discard()
            throw .failed("cannot publish", path.appending(name), error)
        }
    }

    /// What has the name is either the same blob or a damaged one.
    private func replace(_ name: Name) throws(Errno) {
        let staged = Name.temporary()
        try directory.link(staged, to: file)
        do throws(Errno) { try directory.rename(staged, over: name) } catch {
            try? directory.unlink(staged)
            throw error
        }
    }

    /// Removes the temporary name; what cannot be removed is swept by nobody but a person.
    func discard() { if let temporary { try? directory.unlink(temporary) } }
}
