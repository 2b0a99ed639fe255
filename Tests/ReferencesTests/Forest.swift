import SystemCalls
import TestSupport
import Testing

@testable import References

/// Trees beside each other, by their names.
struct Forest {
    static let digits = Array("0123456789abcdfghijklmnpqrsvwxyz".utf8)

    let scratch: Scratch
    var path: Path { Path(scratch.path.bytes) }

    init(_ build: (TreeBuilder) throws -> Void) throws {
        scratch = try Scratch()
        try TreeBuilder.build(at: scratch.path, build)
    }

    /// A hash part that is not like any other.
    static func part(_ number: Int) throws -> HashPart {
        var random = SplitMix64(seed: UInt64(number) + 1000)
        return try #require(HashPart((0..<32).map { _ in random.pick(digits) }))
    }

    /// What the trees name.
    func references(
        _ trees: [Path], to parts: [HashPart], workers: Int
    ) throws -> [[Reference]] {
        try ReferenceScan(in: path, workers: workers).references(of: trees, to: parts)
    }
}

extension HashPart {
    var text: String { String(decoding: digits, as: UTF8.self) }
}
