import TestSupport

/// Changes inputs: bytes, ranges, numbers and tokens of a format.
struct Mutator {
    private static let maxSize = 1 << 16
    private static let numbers = [
        "0", "-1", "1", "255", "256", "65536", "2147483647", "2147483648", "4294967295", "4294967296",
        "9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616", "1e400", "0.5",
    ].map { Array($0.utf8) }
    private static let bytes: [UInt8] = [0, 1, 9, 10, 13, 27, 32, 34, 39, 47, 61, 92, 127, 128, 155, 192, 254, 255]

    private var random: SplitMix64
    private let tokens: [[UInt8]]

    init(seed: UInt64, tokens: [String]) {
        random = SplitMix64(seed: seed)
        self.tokens = tokens.map { Array($0.utf8) } + Self.numbers
    }

    /// A changed copy of one of the inputs.
    mutating func change(oneOf inputs: [[UInt8]]) -> [UInt8] {
        var input = random.pick(inputs)
        for _ in 0..<random.number(in: 1...5) { input = changed(input, inputs) }
        return Array(input.prefix(Self.maxSize))
    }

    /// True once in some times.
    mutating func once(in times: Int) -> Bool { random.once(in: times) }

    private mutating func changed(_ input: [UInt8], _ inputs: [[UInt8]]) -> [UInt8] {
        var input = input
        let range = range(in: input)
        switch random.number(in: 0...9) {
        case 0 where !input.isEmpty: input[random.number(in: 0...input.count - 1)] ^= 1 << random.number(in: 0...7)
        case 1 where !input.isEmpty: input[random.number(in: 0...input.count - 1)] = random.pick(Self.bytes)
        case 2: input.insert(contentsOf: random.pick(tokens), at: range.lowerBound)
        case 3: input.removeSubrange(range)
        case 4: input.insert(contentsOf: input[range], at: range.upperBound)
        case 5: input.replaceSubrange(range, with: part(of: random.pick(inputs)))
        case 6: input = Array(input[..<range.lowerBound])
        case 7: replaceNumber(in: &input, from: range.lowerBound)
        case 8 where !range.isEmpty:
            let copies = min(1 << random.number(in: 1...10), Self.maxSize / range.count)
            input.insert(contentsOf: (0..<copies).flatMap { _ in input[range] }, at: range.lowerBound)
        default: input.replaceSubrange(range, with: random.pick(tokens))
        }
        return input
    }

    /// A range that is short more often than long.
    private mutating func range(in input: [UInt8]) -> Range<Int> {
        let start = random.number(in: 0...input.count)
        let most = min(input.count - start, 1 << random.number(in: 0...10))
        return start..<(start + random.number(in: 0...most))
    }

    private mutating func part(of input: [UInt8]) -> ArraySlice<UInt8> { input[range(in: input)] }

    /// Replaces the next decimal number.
    private mutating func replaceNumber(in input: inout [UInt8], from start: Int) {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard let first = input[start...].firstIndex(where: digits.contains) else { return }
        let end = input[first...].firstIndex { !digits.contains($0) } ?? input.count
        input.replaceSubrange(first..<end, with: random.pick(Self.numbers))
    }
}
