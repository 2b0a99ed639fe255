import Glibc

/// Reads an open regular file: where its data lies, and what it says.
struct FileReading {
    /// Up to this size everything is read, holes too, so that a false answer of SEEK_HOLE cannot hide bytes.
    private static let sizeReadInFull = 64 << 20
    private static let bufferSize = 256 << 10

    let file: Descriptor
    let size: Int

    /// The ranges that hold data, rounded outwards to blocks of 4096 bytes and merged where they touch.
    func extents() throws(TestError) -> [Range<Int>] {
        var extents: [Range<Int>] = []
        var position = 0
        while position < size, let start = try seek(from: position, Linux.seekData) {
            let end = try seek(from: start, Linux.seekHole) ?? size
            Self.append(start..<end, to: &extents)
            position = end
        }
        return extents
    }

    func digest(of extents: [Range<Int>]) throws(TestError) -> ContentDigest {
        var digest = ContentDigest()
        for range in size <= Self.sizeReadInFull ? [0..<size] : extents {
            try absorb(range.clamped(to: 0..<size), into: &digest)
        }
        return digest
    }

    /// ENXIO is how lseek says that nothing of the kind follows.
    private func seek(from position: Int, _ whence: Int32) throws(TestError) -> Int? {
        do {
            return try check("lseek", "") { lseek(file.number, position, whence) }
        } catch let error where error.code == ENXIO {
            return nil
        }
    }

    private static func append(_ range: Range<Int>, to extents: inout [Range<Int>]) {
        let block = ContentDigest.blockSize
        let start = range.lowerBound / block * block
        let end = (range.upperBound + block - 1) / block * block
        if let last = extents.last, last.upperBound >= start {
            extents[extents.count - 1] = last.lowerBound..<end
        } else {
            extents.append(start..<end)
        }
    }

    private func absorb(_ range: Range<Int>, into digest: inout ContentDigest) throws(TestError) {
        let bufferSize = min(Self.bufferSize, range.count)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferSize, alignment: 8)
        defer { buffer.deallocate() }
        var position = range.lowerBound
        while position < range.upperBound {
            let wanted = min(bufferSize, range.upperBound - position)
            try fill(buffer, wanted, from: position)
            digest.absorb(UnsafeRawBufferPointer(rebasing: buffer[..<wanted]), at: position)
            position += wanted
        }
    }

    /// A short read would shift the blocks, so it is repeated; the end before `size` means a changing file.
    private func fill(
        _ buffer: UnsafeMutableRawBufferPointer, _ wanted: Int, from position: Int
    ) throws(TestError) {
        var filled = 0
        while filled < wanted {
            let rest = buffer.baseAddress?.advanced(by: filled)
            let count = try check("read", "") {
                pread(file.number, rest, wanted - filled, position + filled)
            }
            if count == 0 { throw TestError("the file shrank while it was being read") }
            filled += count
        }
    }
}
