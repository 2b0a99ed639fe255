import Nar
import NixClosure
import SystemCalls
import Tar

/// Decides whether the members of a layer are a complete store path: by the NAR hash, or by the NAR size if the members
/// are in another order or one of them is a hard link.
struct StorePathProof: ~Copyable {
    /// A regular file of the layer.
    struct File {
        let size: Int64
        let isExecutable: Bool

        fileprivate var archiveSize: UInt64 {
            NarSize.file(size: UInt64(max(0, size)), isExecutable: isExecutable)
        }
    }

    let path: StorePath
    private let info: PathInfo
    private var hash: StorePathHash
    private var size = NarSize.frame

    init(_ info: PathInfo) {
        path = info.path
        self.info = info
        hash = StorePathHash()
    }

    /// Adds a member, whose path in the store path is `relative`, and reads its content.
    ///
    /// - Parameter link: returns the file that a hard link leads to, by its path in the layer.
    mutating func take(
        _ member: Member, _ relative: [Path], _ reader: inout TarReader, link: (Path) -> File?
    ) throws(ArchiveError) {
        if let name = relative.last { size = size.addingSaturated(NarSize.entry(name: name)) }
        switch member.kind {
        case .directory:
            size = size.addingSaturated(NarSize.directory)
            hash.directory(relative)
        case .symlink(let target):
            size = size.addingSaturated(NarSize.symlink(toBytes: target.count))
            hash.symlink(relative, to: target)
        case .regular where member.isSparse:
            // The content is in the archive without its holes, and `size` does not count them.
            hash.doubt("it has sparse files")
            size = .max
        case .regular:
            let file = File(member)
            size = size.addingSaturated(file.archiveSize)
            guard hash.file(relative, size: file.size, isExecutable: file.isExecutable) else { return }
            while let part = try reader.nextPart() { hash.content(part) }
            hash.endOfFile()
        case .hardLink(let target):
            hash.doubt("it has hard links")
            if let file = link(Path(target).normal) { size = size.addingSaturated(file.archiveSize) }
        case .fifo, .characterDevice, .blockDevice: hash.doubt("it has special files")
        }
    }

    consuming func isComplete() -> Bool {
        let (expected, size) = (info, size)
        switch hash.finish() {
        case .digest(let digest): return digest.hash == expected.narHash
        case .unknown: return size == expected.narSize
        }
    }
}

extension StorePathProof.File {
    init(_ member: Member) {
        size = member.size
        isExecutable = member.mode.contains(.ownerExecute)
    }
}
