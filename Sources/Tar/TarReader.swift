package import SystemCalls

/// Reads an archive member by member, from its start to its end: ustar and pax, and what GNU tar writes for long names and
/// large numbers. Sparse files are refused.
/// Source: POSIX.1-2017, pax, 'pax Interchange Format'; GNU tar manual, 'Basic Tar Format'.
package struct TarReader: ~Copyable {
    /// Longer extended headers are refused, so that a damaged size does not take all memory; Go's reader has the same limit.
    private static let longestRecords: Int64 = 1 << 20

    private let path: Path
    private var stream: BlockStream
    private var globals = PaxFields()
    /// Of the member's content and of what fills its last block.
    private var rest: (content: Int64, padding: Int64) = (0, 0)

    /// An archive that begins where the source is.
    ///
    /// - Parameter path: its name in errors.
    package init(_ source: any ByteSource, named path: Path) {
        self.path = path
        stream = BlockStream(source)
    }

    /// How many bytes of the archive were taken: after `next`, where the member's content begins.
    package var position: Int64 { stream.position }

    /// The next member, whatever was taken of the one before; nil at the mark that ends the archive.
    package mutating func next() throws(ArchiveError) -> Member? {
        while try nextPart() != nil {}
        var fields = globals
        while true {
            guard let header = try header() else { return nil }
            switch header.type {
            case UInt8(ascii: "x"): try read(header, into: &fields)
            case UInt8(ascii: "g"):
                var globals = globals
                try read(header, into: &globals)
                self.globals = globals
                fields = globals
            case UInt8(ascii: "L"): fields["path"] = Self.text(try records(header))
            case UInt8(ascii: "K"): fields["linkpath"] = Self.text(try records(header))
            case UInt8(ascii: "S"): throw failure("sparse files are not understood")
            default: return try member(header, fields)
            }
        }
    }

    /// The next bytes of the member's content, valid until the next call; nil at its end.
    package mutating func nextPart() throws(ArchiveError) -> UnsafeRawBufferPointer? {
        if rest.content == 0 {
            while rest.padding > 0 { rest.padding -= Int64(try part(atMost: rest.padding).count) }
            return nil
        }
        let part = try part(atMost: rest.content)
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

    private mutating func part(atMost most: Int64) throws(ArchiveError) -> UnsafeRawBufferPointer {
        let part = try stream.part(atMost: most)
        if part.isEmpty { throw failure("it ends in the middle of a member") }
        return part
    }

    private func failure(_ what: String) -> ArchiveError {
        ArchiveError(.malformed("\(what), at byte \(stream.position)"), path)
    }

    /// nil for the two blocks of zeros that end an archive.
    private mutating func header() throws(ArchiveError) -> HeaderFields? {
        guard let block = try stream.block() else { throw failure("it ends without the blocks that mark its end") }
        if block.allSatisfy({ $0 == 0 }) {
            guard let second = try stream.block(), second.allSatisfy({ $0 == 0 }) else {
                throw failure("a single block of zeros is no end")
            }
            return nil
        }
        guard let fields = HeaderFields(block) else { throw failure("a header has a wrong checksum or number") }
        return fields
    }

    private mutating func read(_ header: HeaderFields, into fields: inout PaxFields) throws(ArchiveError) {
        let text = try records(header)
        do throws(PaxFields.Failure) { try fields.add(text) } catch { throw failure(error.what) }
    }

    private mutating func records(_ header: HeaderFields) throws(ArchiveError) -> [UInt8] {
        guard header.size <= Self.longestRecords else { throw failure("an extended header is too long") }
        rest = (header.size, header.size.padding)
        return try content()
    }

    /// GNU tar ends its long names with a NUL.
    private static func text(_ bytes: [UInt8]) -> [UInt8] { Array(bytes.prefix { $0 != 0 }) }

    private mutating func member(_ header: HeaderFields, _ fields: PaxFields) throws(ArchiveError) -> Member {
        guard let member = Member(header, fields) else { throw failure("a member's records are not understood") }
        rest = (member.size, member.size.padding)
        return member
    }
}

/// What a source gives, in blocks and parts of blocks, by way of a buffer.
private struct BlockStream: ~Copyable {
    /// What fits into the second-level cache beside what is made of it.
    private static let bufferSize = 256 * 1024

    private let source: any ByteSource
    private let buffer: UnsafeMutableRawBufferPointer
    private var available = 0..<0
    private(set) var position: Int64 = 0

    init(_ source: any ByteSource) {
        self.source = source
        buffer = .allocate(byteCount: Self.bufferSize, alignment: 4096)
    }

    deinit { buffer.deallocate() }

    /// A whole block; nil at the end, and where less than a block is left.
    mutating func block() throws(ArchiveError) -> UnsafeRawBufferPointer? {
        while available.count < UstarHeader.size {
            if try !fill() { return nil }
        }
        return take(UstarHeader.size)
    }

    /// At least a byte; none at the end.
    mutating func part(atMost most: Int64) throws(ArchiveError) -> UnsafeRawBufferPointer {
        if available.isEmpty { _ = try fill() }
        return take(Int(min(most, Int64(available.count))))
    }

    private mutating func take(_ count: Int) -> UnsafeRawBufferPointer {
        let part = available.lowerBound..<(available.lowerBound + count)
        available = part.upperBound..<available.upperBound
        position += Int64(count)
        return UnsafeRawBufferPointer(rebasing: buffer[part])
    }

    /// False at the end. What is left goes to the front: less than a block.
    private mutating func fill() throws(ArchiveError) -> Bool {
        let left = UnsafeRawBufferPointer(rebasing: buffer[available])
        buffer.copyMemory(from: left)
        available = 0..<left.count
        let count = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[left.count...]))
        available = 0..<(left.count + count)
        return count > 0
    }
}
