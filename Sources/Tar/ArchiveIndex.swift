package import SystemCalls

/// Where in an archive the contents of its files are.
package struct ArchiveIndex: Sendable {
    private enum Entry: Sendable {
        case content(Range<Int64>)
        /// What leads to another entry, as older versions of Docker and skopeo save a layer that is there twice.
        case link(to: Path)
        case other
    }

    /// Links that lead to links; nobody writes more than one.
    private static let longestChain = 8

    private var entries: [Path: Entry] = [:]

    /// Reads an archive to its end; of a file no more than the headers.
    package init(_ source: any ByteSource, named path: Path, ending: TarReader.Ending) throws(ArchiveError) {
        var reader = TarReader(source, named: path, ending: ending)
        while let member = try reader.next() {
            let name = Path(member.path).normal
            entries[name] =
                switch member.kind {
                case .regular where member.isSparse: .other
                case .regular: .content(reader.position..<(reader.position + member.size))
                case .hardLink(let target): .link(to: Path(target).normal)
                case .symlink(let target): .link(to: name.parent.appending(Path(target)).normal)
                case .directory, .fifo, .characterDevice, .blockDevice: .other
                }
        }
    }

    /// Whether there is something of that name.
    package func has(_ name: Path) -> Bool { entries[name.normal] != nil }

    /// The bytes of the archive that are the file's; nil where no file has that name.
    package subscript(name: Path) -> Range<Int64>? {
        var name = name.normal
        for _ in 0...Self.longestChain {
            switch entries[name] {
            case .content(let range): return range
            case .link(let target): name = target
            case .other, nil: return nil
            }
        }
        return nil
    }
}
