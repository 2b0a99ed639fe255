import SystemCalls
import Tar
import TestSupport
import Testing

/// What others read in an archive of ours.
@Suite(.serialized) struct ReaderTests {
    private let scratch: Scratch
    private var source: ByteString { scratch / "tree" }
    private var tar: ByteString { scratch / "a.tar" }

    init() throws { scratch = try Scratch() }

    @Test(arguments: [UInt64(1), 2, .random(in: 3...1 << 40)], ArchiveReader.all)
    func givesBackTheTree(_ seed: UInt64, _ reader: ArchiveReader) throws {
        var shape = RandomTree.Shape.asRoot.without(.socket)
        shape.features.subtract(reader.stumblesOver)
        try RandomTree(seed: seed, shape: shape).build(at: source)
        try archive(source, to: tar, keepingAll)
        let warnings = try reader.extract(tar, into: scratch / "back")
        #expect(warnings == "", "seed \(seed)")
        let ignored = reader.loses.union([.holes])
        let lines = TreeSnapshot.difference(
            try TreeSnapshot(of: source), try TreeSnapshot(of: scratch / "back"), ignoring: ignored)
        #expect(lines == [], "seed \(seed)")
    }
}
