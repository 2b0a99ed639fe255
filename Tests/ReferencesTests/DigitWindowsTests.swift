import TestSupport
import Testing

@testable import References

/// Against the definition: a window is 32 bytes that are all digits.
@Suite struct DigitWindowsTests {
    private static let digits = Array("0123456789abcdfghijklmnpqrsvwxyz".utf8)

    private func windows(_ bytes: [UInt8], _ starts: Range<Int>) -> [Int] {
        var found: [Int] = []
        bytes.withUnsafeBytes { bytes in DigitWindows.forEach(in: bytes, starts) { found.append($0) } }
        return found
    }

    private func expected(_ bytes: [UInt8], _ starts: Range<Int>) -> [Int] {
        starts.filter { start in
            start + 32 <= bytes.count && bytes[start..<(start + 32)].allSatisfy(Self.digits.contains)
        }
    }

    /// Digits with one other byte in `rarity`: runs of all lengths.
    @Test(arguments: [2, 8, 20, 33, 60, 200], [1, 2, 3] as [UInt64])
    func randomBytes(_ rarity: Int, _ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<40 {
            let others = [0, UInt8(ascii: "e"), UInt8(ascii: "/"), UInt8(ascii: "A"), 0xff]
            let bytes = (0..<random.number(in: 0...700)).map { _ in
                random.once(in: rarity) ? random.pick(others) : random.pick(Self.digits)
            }
            let first = random.number(in: 0...bytes.count)
            let starts = first..<random.number(in: first...bytes.count)
            #expect(windows(bytes, starts) == expected(bytes, starts), "seed \(seed), one in \(rarity), \(starts)")
        }
    }

    @Test(arguments: [0, 1, 31, 32, 33, 63, 64, 65, 1000]) func runs(_ length: Int) {
        let run = [UInt8](repeating: UInt8(ascii: "0"), count: length)
        #expect(windows(run, 0..<length).count == max(0, length - 31))
        #expect(windows([0] + run + [0], 0..<(length + 2)).count == max(0, length - 31))
    }
}

@Suite struct KnownHashesTests {
    private func find(_ known: KnownHashes, _ text: [UInt8]) -> Int? {
        text.withUnsafeBytes { bytes in bytes.baseAddress.flatMap { known.find($0) } }
    }

    @Test(arguments: [0, 1, 7, 1000, 30_000]) func eachIsFoundAndNoOther(_ count: Int) throws {
        var random = SplitMix64(seed: 5)
        let digits = Array("0123456789abcdfghijklmnpqrsvwxyz".utf8)
        func part() -> [UInt8] { (0..<32).map { _ in random.pick(digits) } }
        let texts = (0..<count).map { _ in part() }
        let known = KnownHashes(try texts.map { try #require(HashPart($0)) })
        #expect((0..<count).allSatisfy { find(known, texts[$0]) == $0 })
        #expect((0..<1000).allSatisfy { _ in find(known, part()) == nil })
    }

    /// Names that people make up are alike in most places.
    @Test func alike() throws {
        let texts = (0..<5000).map { Array(String(repeating: "0", count: 27).utf8) + Array(String(10_000 + $0).utf8) }
        let reversed = texts.map { Array($0.reversed()) }
        for texts in [texts, reversed] {
            let known = KnownHashes(try texts.map { try #require(HashPart($0)) })
            #expect(texts.indices.allSatisfy { find(known, texts[$0]) == $0 })
        }
    }
}
