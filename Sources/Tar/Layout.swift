import SystemCalls

/// A part of a batch and where it goes.
struct PlacedPart {
    enum Content {
        /// Of the worker's bytes.
        case bytes(Range<Int>)
        case made([UInt8])
        /// A file from the disk, and the padding after it.
        case file(SourceFile)
    }

    let content: Content
    let offset: Int64
}

/// Gives everything its place, in the order of the archive, and decides which files are links.
struct Layout {
    private(set) var report = ArchiveReport()
    private let options: ArchiveOptions
    private var links: LinkTable
    private let onMember: (@Sendable (Path) -> Void)?

    private static let keptWarnings = 1000

    init(
        _ options: ArchiveOptions, _ comparison: FileComparison, _ onMember: (@Sendable (Path) -> Void)?
    ) {
        self.options = options
        self.onMember = onMember
        links = LinkTable(options.hardLinks, maxNames: options.maxNames, comparison)
    }

    /// The parts of a batch; bytes that follow one another are one part.
    mutating func place(
        _ members: [ReadMember], _ warnings: [ArchiveError], _ bytes: UnsafeRawBufferPointer
    ) throws(ArchiveError) -> [PlacedPart] {
        report.warningCount += warnings.count
        report.warnings += warnings.prefix(max(0, Self.keptWarnings - report.warnings.count))
        var parts: [PlacedPart] = []
        for read in members {
            report.members += 1
            report.attributes += read.member.attributes.count
            onMember?(Path(read.member.path))
            if let file = read.file, let name = try links.firstName(of: read.member, file, bytes) {
                report.links += 1
                let header = read.member.linked(to: name).header()
                add(.made(header), header.count, &parts)
            } else {
                try place(read, &parts)
            }
        }
        return parts
    }

    /// More bytes than the headers of a member take. Offsets in files are signed numbers of 64 bits.
    private static let headerRoom: Int64 = 1 << 32

    private mutating func place(_ read: ReadMember, _ parts: inout [PlacedPart]) throws(ArchiveError) {
        guard read.member.size < .max - Self.headerRoom - report.archiveBytes else {
            throw ArchiveError(.write, .tooBig, read.large?.path ?? Path(read.member.path))
        }
        if read.member.kind == .regular { report.files += 1 }
        report.contentBytes += read.member.size
        guard let large = read.large else { return add(.bytes(read.bytes), read.bytes.count, &parts) }
        if options.aligns {
            let header = read.member.header(alignedFrom: report.archiveBytes)
            add(.made(header), header.count, &parts)
        } else {
            add(.bytes(read.bytes), read.bytes.count, &parts)
        }
        add(.file(large), Int(read.member.size + read.member.size.padding), &parts)
    }

    private mutating func add(_ content: PlacedPart.Content, _ count: Int, _ parts: inout [PlacedPart]) {
        let offset = report.archiveBytes
        report.archiveBytes += Int64(count)
        if case .bytes(let more) = content, let last = parts.last, case .bytes(let range) = last.content,
            range.upperBound == more.lowerBound
        {
            let joined = PlacedPart(content: .bytes(range.lowerBound..<more.upperBound), offset: last.offset)
            parts[parts.count - 1] = joined
            return
        }
        parts.append(PlacedPart(content: content, offset: offset))
    }
}

extension Member {
    fileprivate func linked(to name: [UInt8]) -> Member {
        var link = self
        link.kind = .hardLink(target: name)
        link.size = 0
        link.attributes = []
        return link
    }
}
