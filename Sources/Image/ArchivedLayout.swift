import SystemCalls
import Tar

/// The members of an archive on disk that has an image in it.
struct ArchiveMembers: Sendable {
    let file: Path
    private let archive: ArchiveFile

    init(_ file: Path) throws(PathError) {
        self.file = file
        do throws(ArchiveError) { archive = try ArchiveFile(file, ending: .any) } catch { throw PathError(error) }
    }

    func has(_ path: Path) -> Bool { archive.index.has(path) }

    /// Where a member's content is.
    func place(of path: Path) throws(PathError) -> BlobPlace {
        guard let range = archive.index[path] else { throw .malformed(file, "it has no file \(path.quoted)") }
        return BlobPlace(file: file, range: range, isWhole: false, archive: archive)
    }

    /// A small member.
    func read(_ path: Path) throws(PathError) -> [UInt8] {
        let place = try place(of: path)
        guard place.size <= maxDocumentSize else { throw .malformed(file, "\(path.quoted) is larger than 16 MiB") }
        return try place.beginning(Int(place.size))
    }
}

/// An image layout in an archive.
struct ArchivedLayout: BlobSource {
    let members: ArchiveMembers

    init(_ file: Path) throws(PathError) {
        members = try ArchiveMembers(file)
        guard members.has(Path(ImageLayout.marker)) else {
            throw PathError(
                file,
                "\(file.quoted) has no image layout in it: if it comes from Docker, name it as docker-archive:\(file)")
        }
    }

    init(_ members: ArchiveMembers) { self.members = members }

    func index() throws(PathError) -> LayoutIndex { try LayoutIndex(try members.read("index.json"), members.file) }

    func read(_ descriptor: BlobDescriptor) throws(PathError) -> [UInt8] {
        let content = try members.read(Self.path(of: descriptor.digest))
        guard Digest(of: content) == descriptor.digest else {
            throw .malformed(members.file, "its blob \(descriptor.digest) has other bytes; make or fetch it anew")
        }
        return content
    }

    func place(of descriptor: BlobDescriptor) throws(PathError) -> BlobPlace {
        try members.place(of: Self.path(of: descriptor.digest))
    }

    private static func path(of digest: Digest) -> Path { Path("blobs/sha256/\(digest.hex)") }
}
