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

    @Test(
        "long names that are not composed, or not UTF-8, have the same bytes in each reader and locale",
        arguments: ArchiveReader.all, ["C", "C.UTF-8"])
    func keepsNames(_ reader: ArchiveReader, _ locale: ByteString) throws {
        let deep = ByteString(String(repeating: String(repeating: "d", count: 60) + "/", count: 4))
        let names: [ByteString] = ["re\u{301}.txt", "r\u{e9}.txt", "\u{212b}", [0x66, 0xff, 0xfe]]
        try TreeBuilder.build(at: source) { tree in
            for name in names {
                try tree.file(deep + name, .text("\(name)"), Attributes(extended: ["user.one": [1]]))
                try tree.symbolicLink("to-" + name, to: deep + name)
                try tree.hardLink("linked-" + name, to: deep + name)
            }
        }
        try archive(source, to: tar, keepingAll)
        var arguments = reader.arguments
        arguments.insert(contentsOf: ["env", "LC_ALL=" + locale], at: 0)
        let localized = ArchiveReader(name: reader.name, arguments: arguments)
        let warnings = try localized.extract(tar, into: scratch / "back")
        #expect(warnings == "")
        let lines = TreeSnapshot.difference(
            try TreeSnapshot(of: source), try TreeSnapshot(of: scratch / "back"),
            ignoring: reader.loses.union([.holes]))
        #expect(lines == [])
    }
}
