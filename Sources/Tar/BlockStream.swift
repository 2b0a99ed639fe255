/// What a source gives, in blocks and parts of blocks, by way of a buffer.
struct BlockStream: ~Copyable {
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

    /// A whole block; at the end what is left, which may be none.
    mutating func block() throws(ArchiveError) -> UnsafeRawBufferPointer {
        while available.count < UstarHeader.size, try fill() {}
        return take(atMost: Int64(UstarHeader.size))
    }

    /// At least a byte; none at the end.
    mutating func part(atMost most: Int64) throws(ArchiveError) -> UnsafeRawBufferPointer {
        if available.isEmpty { _ = try fill() }
        return take(atMost: most)
    }

    /// Passes over so many bytes, fewer at the end. Returns how many there were.
    mutating func skip(_ count: Int64) throws(ArchiveError) -> Int64 {
        var left = count - Int64(take(atMost: count).count)
        if left > 0 {
            let passed = try source.skip(left)
            position += passed
            left -= passed
        }
        while left > 0 {
            let part = try part(atMost: left)
            if part.isEmpty { break }
            left -= Int64(part.count)
        }
        return count - left
    }

    private mutating func take(atMost most: Int64) -> UnsafeRawBufferPointer {
        let count = Int(min(most, Int64(available.count)))
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
