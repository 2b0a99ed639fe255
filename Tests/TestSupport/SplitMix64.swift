/// A small generator of pseudo-random numbers whose sequence is ours: the same seed, the same tests, forever.
public struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Any seed is as good as another.
    public init(seed: UInt64) {
        state = seed
    }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ word &>> 30) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ word &>> 27) &* 0x94d0_49bb_1331_11eb
        return word ^ word &>> 31
    }

    /// A number of `range`. The standard library's `random(in:using:)` may change its method with a release.
    public mutating func number(in range: ClosedRange<Int>) -> Int {
        let width = UInt64(range.upperBound - range.lowerBound) + 1
        return range.lowerBound + Int(next() % width)
    }

    /// One of `elements`, which must not be empty.
    public mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[number(in: 0...elements.count - 1)]
    }

    /// True once in `times`.
    public mutating func once(in times: Int) -> Bool {
        number(in: 1...times) == 1
    }

    /// As many pseudo-random bytes.
    public mutating func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count + 8) { buffer, filled in
            let start = UnsafeMutableRawPointer(buffer.baseAddress)
            var offset = 0
            while offset < count {
                start?.storeBytes(of: next(), toByteOffset: offset, as: UInt64.self)
                offset += 8
            }
            filled = count
        }
    }
}
