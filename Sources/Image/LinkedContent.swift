package import SystemCalls
package import Tar

/// Where the content of a layer's files can be read again, for further names of them.
package struct LinkedContent: ~Copyable {
    package struct File {
        let offset: Int64
        let size: Int64
        let isExecutable: Bool
    }

    /// In an uncompressed layer content is where it is; of others a copy is kept, without a name, as long as the layer
    /// is read.
    private let file: Descriptor
    private let path: Path
    private let isCopy: Bool
    private let base: Int64
    private var end: Int64 = 0
    /// The bytes of the files so far.
    private var size: Int64 = 0
    /// The bytes that were read again.
    private var linkedSize: Int64 = 0
    /// Hard links to a large file could make a small layer take days.
    private static let (maxLinkedSize, maxLinkedRatio) = (Int64(1) << 30, Int64(16))
    /// The bytes of memory that a file takes beside its path, which its entry has too.
    package static let fileSize = 64
    private var files: [Path: File] = [:]
    /// The names of files whose content is needed; nil if it may be that of any file.
    private let targets: Set<Path>?
    /// Whether the content of the last file is kept.
    private var isKept = false

    /// The content of an uncompressed layer, which begins at this offset of its file.
    package init(in file: consuming Descriptor, named path: Path, at base: Int64) {
        self.file = file
        self.path = path
        self.base = base
        targets = nil
        isCopy = false
    }

    /// Copies of content, in a file without a name.
    ///
    /// - Parameter targets: the names of files whose content is needed; nil for all files.
    package init(of targets: Set<Path>? = nil) throws(ArchiveError) {
        self.targets = targets
        path = ProcessState.temporaryFolder
        do throws(Errno) {
            file = try Directory.current.openDirectory(Name(path)).createTransient()
        } catch { throw Self.noRoom(in: path, error) }
        isCopy = true
        base = 0
    }

    /// Nothing is wrong with the image.
    private static func noRoom(in folder: Path, _ error: Errno) -> ArchiveError {
        .refused(
            folder,
            "cannot keep a layer's content in \(folder.quoted) for its hard links: \(error.message); name a directory with "
                + "room in TMPDIR")
    }

    subscript(name: Path) -> File? { files[name] }

    /// Adds a file, whose content follows. Returns whether the content has to be added.
    ///
    /// - Parameter offset: where that is in the layer.
    package mutating func add(_ name: Path, _ member: Member, at offset: Int64) -> Bool {
        size += member.size
        isKept = targets?.contains(name) ?? true
        guard isKept else { return false }
        files[name] = File(
            offset: isCopy ? end : base + offset, size: member.size, isExecutable: member.mode.contains(.ownerExecute))
        return isCopy
    }

    /// Adds a further name of a file.
    mutating func add(_ name: Path, _ file: File) {
        if targets?.contains(name) ?? true { files[name] = file }
    }

    /// Refuses a hard link that makes its file executable or not: Docker and Python give the file the mode of the link,
    /// and other programs keep the mode of the file.
    package func check(_ member: Member, at path: Path) throws(ArchiveError) {
        guard case .hardLink(let target) = member.kind, let file = files[Path(target).normal] else { return }
        guard file.isExecutable == member.mode.contains(.ownerExecute) else {
            throw ArchiveError(
                .malformed(
                    "it is a hard link to \(Path(target).quoted) with another mode, and programs read it differently; "
                        + "write the layer again with another program"), path)
        }
    }

    /// Adds a part of the content of the last file.
    package mutating func content(_ bytes: UnsafeRawBufferPointer) throws(ArchiveError) {
        guard isCopy, isKept else { return }
        // Zeros become holes, which need no room.
        if bytes.contains(where: { $0 != 0 }) {
            do throws(Errno) { try file.write(all: bytes, at: end) } catch {
                throw Self.noRoom(in: path, error)
            }
        }
        end += Int64(bytes.count)
    }

    /// Reads the content of a file again for one of its further names, in parts.
    mutating func read(
        _ linked: File, as name: Path, _ take: (UnsafeRawBufferPointer) throws(ArchiveError) -> Void
    ) throws(ArchiveError) {
        linkedSize += linked.size
        guard linkedSize <= Self.maxLinkedSize + Self.maxLinkedRatio * size else {
            throw ArchiveError(
                .malformed(
                    "the hard links of the layer have more than \(Self.maxLinkedRatio) times its content, and more than "
                        + "\(Self.maxLinkedSize >> 30) GiB; write the layer with fewer hard links"), name)
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 4096)
        defer { buffer.deallocate() }
        var done: Int64 = 0
        while done < linked.size {
            let part = UnsafeMutableRawBufferPointer(
                rebasing: buffer[..<Int(min(Int64(buffer.count), linked.size - done))])
            let count: Int
            do throws(Errno) { count = try file.read(into: part, at: linked.offset + done) } catch {
                throw ArchiveError(.failed(.read, error), path)
            }
            if count < part.count {
                guard isCopy else { throw ArchiveError(.changed("it became shorter"), path) }
                // A copy that ends with zeros ends with a hole.
                UnsafeMutableRawBufferPointer(rebasing: part[count...]).initializeMemory(as: UInt8.self, repeating: 0)
            }
            try take(UnsafeRawBufferPointer(part))
            done += Int64(part.count)
        }
    }
}
