package import SystemCalls
package import Tar

extension StorePathHash {
    /// Adds a member of a layer, and reads its content.
    ///
    /// - Parameters:
    ///   - path: its path in the layer.
    ///   - place: its path in the store path.
    ///   - linked: the content of the layer's files, for hard links; nil if it is not kept.
    ///   - onReading: called with the size of each part of a file that is read again, and with the path of the file.
    package mutating func take(
        _ member: Member, at path: Path, _ place: [Path], _ reader: inout TarReader, _ linked: inout LinkedContent?,
        _ onReading: (Int, Path) throws(ArchiveError) -> Void
    ) throws(ArchiveError) {
        switch member.kind {
        case .directory: directory(place)
        case .symlink(let target): symlink(place, to: target)
        case .regular where member.isSparse: doubt("\(path.quoted) is a sparse file of GNU tar's")
        case .regular:
            let isWanted = file(place, size: member.size, isExecutable: member.mode.contains(.ownerExecute))
            while let part = try reader.nextPart() {
                try linked?.content(part)
                if isWanted { content(part) }
            }
            if isWanted { endOfFile() }
        case .hardLink(let target):
            try linked?.check(member, at: path)
            try take(linkTo: Path(target).normal, at: path, place, &linked, onReading)
        case .fifo, .characterDevice, .blockDevice: doubt("\(path.quoted) is nothing that a store has")
        }
    }

    private mutating func take(
        linkTo target: Path, at path: Path, _ place: [Path], _ linked: inout LinkedContent?,
        _ onReading: (Int, Path) throws(ArchiveError) -> Void
    ) throws(ArchiveError) {
        guard let linkedFile = linked?[target] else {
            return doubt("\(path.quoted) is a link to \(target.quoted), which is not before it in its layer")
        }
        linked?.add(path, linkedFile)
        guard file(place, size: linkedFile.size, isExecutable: linkedFile.isExecutable) else { return }
        try linked?.read(linkedFile, as: path) { (part) throws(ArchiveError) in
            try onReading(part.count, target)
            content(part)
        }
        endOfFile()
    }
}
