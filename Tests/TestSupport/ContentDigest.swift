import Glibc

/// 128 bits that stand for the bytes of a file; two lanes, a word at a time, for tests run unoptimised.
///
/// Only the blocks that hold something other than zeros are taken in, each with its offset. Stored zeros and
/// a hole therefore give the same digest, as they give the same bytes to a reader, and a hole of terabytes
/// need not be read.
public struct ContentDigest: Hashable, Sendable, CustomStringConvertible {
    static let blockSize = 4096

    private var first: UInt64 = 0xcbf2_9ce4_8422_2325
    private var second: UInt64 = 0x9e37_79b9_7f4a_7c15

    /// 32 hexadecimal digits.
    public var description: String {
        [first, second].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// Takes in the bytes at `offset`, a multiple of the block size; only the file's end may cut a block.
    mutating func absorb(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        withUnsafeTemporaryAllocation(byteCount: Self.blockSize, alignment: 8) { block in
            for start in stride(from: 0, to: bytes.count, by: Self.blockSize) {
                let count = min(Self.blockSize, bytes.count - start)
                _ = block.initializeMemory(as: UInt8.self, repeating: 0)
                block.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[start..<start + count]))
                absorb(block: UnsafeRawBufferPointer(block), at: offset + start)
            }
        }
    }

    private mutating func absorb(block: UnsafeRawBufferPointer, at offset: Int) {
        let words = block.assumingMemoryBound(to: UInt64.self)
        guard let start = words.baseAddress, !Self.isZero(block) else { return }
        var (first, second) = (first, second)
        Self.mix(&first, &second, UInt64(offset))
        var index = 0
        while index < words.count {
            Self.mix(&first, &second, start[index])
            index += 1
        }
        (self.first, self.second) = (first, second)
    }

    /// FNV-1a on words in the one lane; in the other a rotation, so that high bits come down as well.
    @inline(__always)
    private static func mix(_ first: inout UInt64, _ second: inout UInt64, _ word: UInt64) {
        first = (first ^ word) &* 0x0000_0100_0000_01b3
        first ^= first &>> 29
        second = (second &+ word) &* 0xff51_afd7_ed55_8ccd
        second = second &<< 31 | second &>> 33
    }

    /// All bytes are zero when the first is and each equals its neighbour.
    private static func isZero(_ block: UnsafeRawBufferPointer) -> Bool {
        guard let start = block.baseAddress, block[0] == 0 else { return false }
        return memcmp(start, start + 1, block.count - 1) == 0
    }
}
