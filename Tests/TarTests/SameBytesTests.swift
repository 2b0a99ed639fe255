import SystemCalls
import Tar
import TestSupport
import Testing

/// The bytes of an archive depend on content and options alone.
@Suite(.serialized) struct SameBytesTests {
    private let scratch: Scratch
    private var tree: ByteString { scratch / "tree" }

    init() throws { scratch = try Scratch() }

    private func bytes(
        _ folder: ByteString, _ name: ByteString, _ change: (inout ArchiveOptions) -> Void = { _ in }
    ) throws -> [UInt8] {
        try archive(folder, to: scratch / name, change)
        return try content(scratch / name)
    }

    @Test(arguments: [ArchiveCompression.none, .gzip(level: 6), .zstd(level: 3)])
    func whateverTheWorkers(_ compression: ArchiveCompression) throws {
        try RandomTree(seed: 7, shape: .asRoot.without(.socket).entries(400...500)).build(at: tree)
        let one = try bytes(tree, "one") { ($0.workers, $0.compression) = (1, compression) }
        let many = try bytes(tree, "many") { ($0.workers, $0.compression) = (16, compression) }
        #expect(one == many)
    }

    @Test func whateverTheDateAndTheOrderOnDisk() throws {
        for (folder, order) in [("first", Array(0..<40)), ("second", Array((0..<40).reversed()))] {
            try TreeBuilder.build(at: scratch / ByteString(folder)) { tree in
                for number in order { try tree.file(ByteString("file-\(number)"), .text("\(number)")) }
            }
        }
        #expect(try bytes(scratch / "first", "a") == bytes(scratch / "second", "b"))
    }

    /// The same content, once with names that share an inode and once with none.
    @Test func canonicalLinksAreThoseOfContent() throws {
        let large = FileContent.pattern(size: 200_000)
        try TreeBuilder.build(at: tree) { tree in
            for name in ["a", "b", "dir/c"] as [ByteString] { try tree.file(name, .text("equal")) }
            for name in ["large-1", "large-2"] as [ByteString] { try tree.file(name, large) }
            try tree.file("other-mode", .text("equal"), Attributes(mode: 0o755))
            try tree.file("empty-1")
            try tree.file("empty-2")
        }
        try TreeBuilder.build(at: scratch / "optimised") { tree in
            try tree.file("a", .text("equal"))
            for name in ["b", "dir/c"] as [ByteString] { try tree.hardLink(name, to: "a") }
            try tree.file("large-1", large)
            try tree.hardLink("large-2", to: "large-1")
            try tree.file("other-mode", .text("equal"), Attributes(mode: 0o755))
            try tree.file("empty-1")
            try tree.hardLink("empty-2", to: "empty-1")
        }
        let report = try archive(tree, to: scratch / "count")
        #expect((report.links, report.files) == (3, 5))
        #expect(try bytes(tree, "plain") == bytes(scratch / "optimised", "linked"))
        for choice in [ArchiveHardLinks.preserve, .break] {
            let plain = try archive(tree, to: scratch / "plain") { $0.hardLinks = choice }
            #expect(plain.links == 0)
        }
        let preserved = try archive(scratch / "optimised", to: scratch / "kept") { $0.hardLinks = .preserve }
        #expect(preserved.links == 4)
    }

    /// What gzip and zstd give back is the archive that is not packed.
    @Test(arguments: [(ArchiveCompression.gzip(level: 1), "gzip"), (.zstd(level: 1), "zstd")])
    func othersUnpack(_ compression: ArchiveCompression, _ program: String) throws {
        try TreeBuilder.build(at: tree) { tree in
            for number in 0..<40 { try tree.file(ByteString("f\(number)"), .pattern(size: number * 4000)) }
            try tree.file("large", .pattern(size: 5_000_000))
        }
        try archive(tree, to: scratch / "packed") { $0.compression = compression }
        let result = try Command.succeed([ByteString(program), "-dc", scratch / "packed"])
        #expect(try result.output == bytes(tree, "plain"))
    }
}
