import FileTree
import SystemCalls

/// A number that equal files share.
struct LinkHash {
    let value: Int

    /// - Parameter content: nil for a large file, whose content is compared when there is reason to.
    init(_ member: Member, content: UnsafeRawBufferPointer?) {
        var hasher = Hasher()
        hasher.combine(member.size)
        hasher.combine(member.mode)
        hasher.combine(member.owner)
        hasher.combine(member.modified)
        hasher.combine(member.attributes)
        if let content { hasher.combine(bytes: content) }
        value = hasher.finalize()
    }
}

/// The files that an archive has so far, to which later ones may be links. Asked in the order of the archive.
struct LinkTable {
    private struct Record {
        let hash: Int
        let identity: FileIdentity
        let folder: UInt32
        let name: NamePieces.Position
    }

    /// Where files are: in the archive, and on disk.
    private struct Folder {
        let archive: [UInt8]
        let disk: Path
    }

    private let kind: ArchiveHardLinks
    private let reader: MemberReader
    private var index = HashIndex()
    private var records = Pieces<Record>(size: 1024)
    private var names = NamePieces()
    private var folders: [Folder] = []

    init(_ kind: ArchiveHardLinks, _ reader: MemberReader) {
        self.kind = kind
        self.reader = reader
    }

    /// The name of an earlier file that is the same; otherwise the file is noted.
    mutating func firstName(of member: Member, _ file: LinkCandidate) -> [UInt8]? {
        guard mayMeetAgain(file) else { return nil }
        let hash = kind == .preserve ? file.metadata.identity.hashValue : file.hash
        if let number = index.find(hash, { isSame(records[$0], hash, member, file) }) {
            return archivePath(records[number])
        }
        note(member, file, hash)
        return nil
    }

    private func mayMeetAgain(_ file: LinkCandidate) -> Bool {
        switch kind {
        case .break: false
        case .preserve: file.metadata.links > 1
        case .canonical: file.metadata.kind == .regular && file.metadata.size > 0
        }
    }

    private func isSame(_ record: Record, _ hash: Int, _ member: Member, _ file: LinkCandidate) -> Bool {
        if record.identity == file.metadata.identity { return true }
        guard kind == .canonical, record.hash == hash else { return false }
        let disk = folders[Int(record.folder)].disk.appending(Path(names[record.name]))
        return FileComparison(reader).areEqual(member, at: file.disk, disk)
    }

    private mutating func note(_ member: Member, _ file: LinkCandidate, _ hash: Int) {
        let (folder, name) = member.path.splitAtLastSlash
        let disk = file.disk.parent
        // A root under another name than on disk is the only one of its kind: nothing is linked to it.
        guard file.disk.lastComponent.bytes.elementsEqual(name) else { return }
        if folders.last?.archive.elementsEqual(folder) != true || folders.last?.disk != disk {
            folders.append(Folder(archive: Array(folder), disk: disk))
        }
        let number = records.append(
            Record(
                hash: hash, identity: file.metadata.identity, folder: UInt32(folders.count - 1),
                name: names.append(Array(name))))
        index.add(number, hash) { records[$0].hash }
    }

    private func archivePath(_ record: Record) -> [UInt8] {
        let folder = folders[Int(record.folder)].archive
        return folder.isEmpty ? Array(names[record.name]) : folder + [Path.slash] + names[record.name]
    }
}

/// Whether two files on disk make equal members. What cannot be read is equal to nothing: a link is an economy.
struct FileComparison {
    private static let pieceBytes = 256 * 1024
    private let reader: MemberReader

    init(_ reader: MemberReader) { self.reader = reader }

    func areEqual(_ member: Member, at path: Path, _ earlier: Path) -> Bool {
        guard let other = try? reader.open(Name(earlier), in: .current, member.path, earlier),
            other.member.describesSame(as: member),
            let file = try? reader.open(Name(path), in: .current, member.path, path)
        else { return false }
        return haveEqualContent(file.descriptor, other.descriptor, member.size)
    }

    private func haveEqualContent(_ a: borrowing Descriptor, _ b: borrowing Descriptor, _ size: Int64) -> Bool {
        var offset: Int64 = 0
        return withUnsafeTemporaryAllocation(byteCount: 2 * Self.pieceBytes, alignment: 4096) { room in
            let (first, second) = (room.prefix(Self.pieceBytes), room.suffix(Self.pieceBytes))
            while offset < size {
                let count = Int(min(size - offset, Int64(Self.pieceBytes)))
                let one = UnsafeMutableRawBufferPointer(rebasing: first.prefix(count))
                let two = UnsafeMutableRawBufferPointer(rebasing: second.prefix(count))
                guard (try? a.read(exactly: one, at: offset)) == true, (try? b.read(exactly: two, at: offset)) == true,
                    one.hasSameBytes(as: two)
                else { return false }
                offset += Int64(count)
            }
            return true
        }
    }
}

extension Member {
    fileprivate func describesSame(as other: Member) -> Bool {
        size == other.size && mode == other.mode && owner == other.owner && modified == other.modified
            && attributes == other.attributes
    }
}

extension Array where Element == UInt8 {
    fileprivate var splitAtLastSlash: (ArraySlice<UInt8>, ArraySlice<UInt8>) {
        guard let slash = lastIndex(of: Path.slash) else { return ([], self[...]) }
        return (self[..<slash], self[(slash + 1)...])
    }
}
