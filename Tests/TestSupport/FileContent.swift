import Glibc

/// What to write into a file.
public enum FileContent: Sendable {
    case empty
    case bytes([UInt8])
    case text(String)
    /// Pseudo-random bytes; the same seed gives the same bytes, none of its blocks is zero.
    case pattern(size: Int, seed: UInt64 = 1)
    /// Holes except for the ranges of data, each of pseudo-random bytes; may end with a hole.
    case sparse(length: Int, data: [Range<Int>], seed: UInt64 = 1)
}

extension FileContent {
    func write(to file: Descriptor) throws(TestError) {
        switch self {
        case .empty: break
        case .bytes(let bytes): try Self.write(bytes, to: file, at: 0)
        case .text(let text): try Self.write(Array(text.utf8), to: file, at: 0)
        case .pattern(let size, let seed): try Self.fill(0..<size, of: file, seed)
        case .sparse(let length, let data, let seed):
            try check("ftruncate", "") { ftruncate(file.number, length) }
            for (index, range) in data.enumerated() { try Self.fill(range, of: file, seed &+ UInt64(index)) }
        }
    }

    private static func fill(_ range: Range<Int>, of file: Descriptor, _ seed: UInt64) throws(TestError) {
        var random = SplitMix64(seed: seed)
        var position = range.lowerBound
        while position < range.upperBound {
            let bytes = random.bytes(min(256 << 10, range.upperBound - position))
            try write(bytes, to: file, at: position)
            position += bytes.count
        }
    }

    private static func write(_ bytes: [UInt8], to file: Descriptor, at offset: Int) throws(TestError) {
        var written = 0
        while written < bytes.count {
            written += try check("write", "") {
                bytes.withUnsafeBytes { buffer in
                    let rest = UnsafeRawBufferPointer(rebasing: buffer[written...])
                    return pwrite(file.number, rest.baseAddress, rest.count, offset + written)
                }
            }
        }
    }
}
