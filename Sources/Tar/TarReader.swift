package import SystemCalls

/// Reads an archive member by member, from its start to its end: ustar and pax, and the headers that GNU tar writes for
/// long names and large numbers. Any other member is an error, and so is reading the content of a sparse file.
///
/// A member that common readers (GNU tar, bsdtar, Python, Go) read with different names, types or contents is an error
/// too: no such member is written by a common program, and a verifier may not see another file than an unpacker.
/// Sources: POSIX.1-2017, pax, 'pax Interchange Format'; GNU tar manual, 'Basic Tar Format'.
package struct TarReader: ~Copyable {
    /// What has to follow the last member.
    package enum Ending: Sendable {
        /// Two blocks of zeros, so that an archive that is cut off between members is none.
        case marked
        /// Those or nothing, as Docker takes it.
        case any
    }

    /// What is said before one member is kept, and so may not be longer; Go's reader has the same limit.
    private static let longestRecords: Int64 = 1 << 20

    private let path: Path
    private let ending: Ending
    private var stream: BlockStream
    /// Of the member's content and of what fills its last block.
    private var rest: (content: Int64, padding: Int64) = (0, 0)
    private var isSparse = false

    /// An archive that begins where the source is.
    ///
    /// - Parameter path: its name in errors.
    package init(_ source: any ByteSource, named path: Path, ending: Ending = .marked) {
        self.path = path
        self.ending = ending
        stream = BlockStream(source)
    }

    /// How many bytes of the archive were taken: after `next`, where the member's content begins.
    package var position: Int64 { stream.position }

    /// Returns the next member, however much of the content of the previous one was read; nil at the end of the archive.
    /// No name contains `..`.
    package mutating func next() throws(ArchiveError) -> Member? {
        var fields = PaxFields()
        var announced: Int64 = 0
        while let header = try header() {
            switch header.type {
            case UInt8(ascii: "g"):
                let text = try records(header, after: 0)
                try located { () throws(Malformation) in try fields.add(global: text) }
            case UInt8(ascii: "x"), UInt8(ascii: "L"), UInt8(ascii: "K"):
                let text = try records(header, after: announced)
                announced += header.size
                try located { () throws(Malformation) in try fields.add(text, of: header.type) }
            default: return try member(header, fields)
            }
        }
        if fields.isExtended { throw failure(Malformation("it ends after an extended header")) }
        return nil
    }

    /// The next bytes of the member's content, valid until the next call; nil at its end.
    ///
    /// - Throws: An error if the archive is damaged, or if the member is sparse.
    package mutating func nextPart() throws(ArchiveError) -> UnsafeRawBufferPointer? {
        if isSparse { throw failure(.sparse) }
        if rest.content == 0 { return nil }
        let part = try stream.part(atMost: rest.content)
        if part.isEmpty { throw cutOff }
        rest.content -= Int64(part.count)
        return part
    }

    /// What is left of the member's content.
    package mutating func content() throws(ArchiveError) -> [UInt8] {
        var bytes: [UInt8] = []
        while let part = try nextPart() { bytes += part }
        return bytes
    }

    /// Reads what follows the end of the archive, whatever it is: fill, most often.
    package mutating func drain() throws(ArchiveError) {
        while !(try stream.part(atMost: .max).isEmpty) {}
    }
}

// MARK: - Headers

extension TarReader {
    /// nil at the end of the archive.
    private mutating func header() throws(ArchiveError) -> HeaderFields? {
        try passRest()
        let isFirst = stream.position == 0
        let block = try stream.block()
        if block.isEmpty {
            guard ending == .any else { throw failure(Malformation("it ends without the blocks that mark its end")) }
            return nil
        }
        if block.isZeroBlock {
            try passSecondMark()
            return nil
        }
        if let fields = try located({ () throws(Malformation) in try HeaderFields(block) }) { return fields }
        if isFirst { throw failure(Malformation(beginning: block)) }
        throw block.count < UstarHeader.size
            ? cutOff : failure(Malformation("a header has a wrong checksum"))
    }

    /// Goes on behind the member. A last block that is not filled is nothing lost.
    private mutating func passRest() throws(ArchiveError) {
        guard try stream.skip(rest.content) == rest.content,
            try stream.skip(rest.padding) == rest.padding || ending == .any
        else { throw cutOff }
        rest = (0, 0)
        isSparse = false
    }

    private mutating func passSecondMark() throws(ArchiveError) {
        let block = try stream.block()
        guard block.isZeroBlock || block.isEmpty && ending == .any else {
            throw failure(Malformation("a single block of zeros is no end"))
        }
    }

    private mutating func records(_ header: HeaderFields, after announced: Int64) throws(ArchiveError) -> [UInt8] {
        guard header.size <= Self.longestRecords - announced else {
            throw failure(Malformation("the extended headers of a member are longer than a mebibyte"))
        }
        rest = (header.size, header.size.padding)
        return try content()
    }

    private mutating func member(_ header: HeaderFields, _ fields: PaxFields) throws(ArchiveError) -> Member {
        let member = try located { () throws(Malformation) in try Member(header, fields) }
        if header.hasSparseBlocks { try passSparseBlocks() }
        rest = (member.size, member.size.padding)
        isSparse = member.isSparse
        return member
    }

    /// Skips the blocks between the header of a sparse file and its content.
    private mutating func passSparseBlocks() throws(ArchiveError) {
        var block = try stream.block()
        while block.count == UstarHeader.size, block[HeaderFields.nextSparseBlock] != 0 { block = try stream.block() }
        if block.count < UstarHeader.size { throw cutOff }
    }

    private var cutOff: ArchiveError { failure(Malformation("it is cut off")) }

    private func failure(_ malformation: Malformation) -> ArchiveError {
        ArchiveError(
            .malformed("\(malformation.what), at byte \(stream.position); \(malformation.remedy)"), path)
    }

    /// Says where in the archive something is wrong.
    private func located<R>(_ body: () throws(Malformation) -> R) throws(ArchiveError) -> R {
        do throws(Malformation) { return try body() } catch { throw failure(error) }
    }
}

extension UnsafeRawBufferPointer {
    fileprivate var isZeroBlock: Bool { count == UstarHeader.size && allSatisfy { $0 == 0 } }
}
