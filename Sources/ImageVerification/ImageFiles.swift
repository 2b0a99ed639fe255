import SystemCalls
import Tar

/// Where some bytes are: a file, or a part of one.
struct FilePlace: Hashable, Sendable {
    let file: Path
    let range: Range<Int64>
    /// The archive that has the bytes; nil for a file of their own.
    var archive: ArchiveFile?

    var size: Int64 { range.upperBound - range.lowerBound }

    func open() throws(ArchiveError) -> Descriptor {
        do throws(Errno) {
            return if let archive { try archive.open() } else { try Directory.current.openFile(Name(file)) }
        } catch { throw ArchiveError(.failed(.open, error), file) }
    }

    /// The first bytes, so many or fewer.
    func beginning(_ count: Int64) throws(ArchiveError) -> [UInt8] {
        let source = FilePart(try open(), named: file, range.lowerBound..<(range.lowerBound + min(count, size)))
        var bytes: [UInt8] = []
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let read = try source.read(into: buffer)
            if read == 0 { return bytes }
            bytes += buffer[..<read]
        }
    }
}

/// The files of an image by their names: in a folder, or in an archive.
enum ImageFiles: Sendable {
    case folder(Path)
    case archive(ArchiveFile)

    /// Lists an archive, compressed or not.
    init(archive path: Path) throws(ArchiveError) { self = .archive(try ArchiveFile(path, ending: .marked)) }

    /// nil where there is no such file.
    func place(_ name: Path) -> FilePlace? {
        switch self {
        case .archive(let archive):
            return archive.index[name].map { FilePlace(file: archive.path, range: $0, archive: archive) }
        case .folder(let folder):
            let file = folder.appending(name)
            guard !name.components.contains(".."),
                let found = try? Directory.current.metadata(of: Name(file), following: true), found.kind == .regular
            else { return nil }
            return FilePlace(file: file, range: 0..<found.size)
        }
    }
}
