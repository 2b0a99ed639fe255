import SystemCalls
import Tar

/// Where the content of a layer's files can be read again, for further names of them.
struct LinkedContent: ~Copyable {
    struct File {
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
    private var files: [Path: File] = [:]

    init(of place: FilePlace, isPacked: Bool) throws(ArchiveError) {
        let folder = ProcessState.temporaryFolder
        let isThere = !isPacked
        path = isThere ? place.file : folder
        isCopy = isPacked
        base = isThere ? place.range.lowerBound : 0
        if isThere {
            file = try place.open()
        } else {
            do throws(Errno) {
                file = try Directory.current.openDirectory(Name(folder)).createTransient()
            } catch { throw Self.noRoom(in: folder, error) }
        }
    }

    /// Nothing is wrong with the image.
    private static func noRoom(in folder: Path, _ error: Errno) -> ArchiveError {
        .refused(
            folder,
            "cannot keep a layer's content in \(folder.quoted) for its hard links: \(error.message); name a folder with "
                + "room in TMPDIR")
    }

    subscript(name: Path) -> File? { files[name] }

    /// A file whose content follows.
    ///
    /// - Parameter offset: where that is in the layer.
    mutating func add(_ name: Path, _ member: Member, at offset: Int64) {
        files[name] = File(
            offset: isCopy ? end : base + offset, size: member.size, isExecutable: member.mode.contains(.ownerExecute))
    }

    /// A further name.
    mutating func add(_ name: Path, _ file: File) { files[name] = file }

    /// A part of the content of the last file.
    mutating func content(_ bytes: UnsafeRawBufferPointer) throws(ArchiveError) {
        guard isCopy else { return }
        do throws(Errno) { try file.write(all: bytes, at: end) } catch {
            throw Self.noRoom(in: path, error)
        }
        end += Int64(bytes.count)
    }

    /// Reads a file's content again, in parts.
    func read(_ linked: File, _ take: (UnsafeRawBufferPointer) throws(ArchiveError) -> Void) throws(ArchiveError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 4096)
        defer { buffer.deallocate() }
        var done: Int64 = 0
        while done < linked.size {
            let part = UnsafeMutableRawBufferPointer(
                rebasing: buffer[..<Int(min(Int64(buffer.count), linked.size - done))])
            let isWhole: Bool
            do throws(Errno) { isWhole = try file.read(exactly: part, at: linked.offset + done) } catch {
                throw ArchiveError(.failed(.read, error), path)
            }
            if !isWhole { throw ArchiveError(.changed("it became shorter"), path) }
            try take(UnsafeRawBufferPointer(part))
            done += Int64(part.count)
        }
    }
}
