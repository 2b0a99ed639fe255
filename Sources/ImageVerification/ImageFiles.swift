import SystemCalls
import Tar

/// Where some bytes are: a file, or a part of one.
struct FilePlace: Hashable, Sendable {
    let file: Path
    let range: Range<Int64>

    var size: Int64 { range.upperBound - range.lowerBound }

    func open() throws(ArchiveError) -> Descriptor {
        do throws(Errno) { return try Directory.current.openFile(Name(file), []) } catch {
            throw ArchiveError(.failed(.open, error), file)
        }
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
    case archive([Path: FilePlace])

    /// Lists an archive. Names that lead to others stand for those, as `docker save` and skopeo write equal layers.
    init(archive path: Path) throws(ArchiveError) {
        let whole = try FilePlace(file: path, range: 0..<Int64.max).beginning(Int64(Packing.length))
        if Packing(beginning: whole) != .none {
            throw .refused(path, "\(path.quoted) is compressed as a whole: unpack it first, with gunzip or unzstd")
        }
        var places: [Path: FilePlace] = [:]
        var links: [Path: Path] = [:]
        var reader = TarReader(try FilePart(path), named: path)
        while let member = try reader.next() {
            let name = Path(member.path).normal
            switch member.kind {
            case .regular:
                places[name] = FilePlace(file: path, range: reader.position..<(reader.position + member.size))
            case .hardLink(let target): links[name] = Path(target).normal
            case .symlink(let target): links[name] = name.parent.appending(Path(target)).normal
            default: break
            }
        }
        for (name, target) in links where places[name] == nil { places[name] = places[target] }
        self = .archive(places)
    }

    /// nil where there is no such file.
    func place(_ name: Path) -> FilePlace? {
        switch self {
        case .archive(let places): return places[name.normal]
        case .folder(let folder):
            let file = folder.appending(name)
            guard !name.components.contains(".."),
                let found = try? Directory.current.metadata(of: Name(file), following: true), found.kind == .regular
            else { return nil }
            return FilePlace(file: file, range: 0..<found.size)
        }
    }
}

extension Path {
    /// The same without `.`, and without `..` as far as something is before it.
    var normal: Path {
        var kept: [Path] = []
        for component in components {
            if component == ".." { _ = kept.popLast() } else { kept.append(component) }
        }
        return Path(joining: kept)
    }

    init(joining components: some Sequence<Path>) { self = components.reduce(Path([])) { $0.appending($1) } }
}
