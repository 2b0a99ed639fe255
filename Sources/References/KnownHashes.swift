import FileTree

/// Hash parts to be recognised; a store may have a hundred thousand.
///
/// Nearly every window of digits is none of them. A bitmap of 16 to 32 bits a part, by a hash of the window's
/// last eight bytes, tells so in all but one in 16 cases, and fits into the processor's cache where the parts do not.
struct KnownHashes: Sendable {
    private var words: [HashPart.Words] = []
    private var index = HashIndex()
    private var filter: [UInt64]
    private let filterShift: UInt64

    /// Knows each part by its place in the list; of equal ones the first counts.
    init(_ parts: [HashPart]) {
        let bits = max(6, Int.bitWidth - (parts.count * 16).leadingZeroBitCount)
        filter = [UInt64](repeating: 0, count: 1 << (bits - 6))
        filterShift = UInt64(64 - bits)
        words.reserveCapacity(parts.count)
        for part in parts { add(part.words) }
    }

    /// Which part the 32 bytes are.
    @inline(__always)
    func find(_ window: UnsafeRawPointer) -> Int? {
        let bit = filterBit(window.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
        if filter[bit >> 6] & 1 << UInt64(bit & 63) == 0 { return nil }
        return find(window.loadUnaligned(as: HashPart.Words.self))
    }

    @inline(never)
    private func find(_ sought: HashPart.Words) -> Int? { index.find(Self.hash(sought)) { words[$0] == sought } }

    private mutating func add(_ part: HashPart.Words) {
        let bit = filterBit(part.w)
        filter[bit >> 6] |= 1 << UInt64(bit & 63)
        words.append(part)
        index.add(words.count - 1, Self.hash(part)) { Self.hash(words[$0]) }
    }

    /// The upper bits of the product depend on all bytes. Source: Knuth, 'The Art of Computer Programming', 6.4,
    /// multiplicative hashing.
    @inline(__always)
    private func filterBit(_ last: UInt64) -> Int {
        Int(truncatingIfNeeded: (last &* 0x9e37_79b9_7f4a_7c15) >> filterShift)
    }

    private static func hash(_ words: HashPart.Words) -> Int {
        var hash: UInt64 = 0
        for place in 0..<4 { hash = ((hash ^ words[place]) &* 0x9e37_79b9_7f4a_7c15).byteSwapped }
        return Int(truncatingIfNeeded: hash)
    }
}
