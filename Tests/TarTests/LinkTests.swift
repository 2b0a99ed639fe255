import SystemCalls
import TestSupport
import Testing

@testable import Tar

/// Files that become links to earlier ones.
@Suite(.serialized) struct LinkTests {
    private let scratch: Scratch
    private var tree: ByteString { scratch / "tree" }
    private var tar: ByteString { scratch / "a.tar" }

    init() throws { scratch = try Scratch() }

    /// More than a batch of others between two that are equal.
    private func buildPair(size: Int) throws {
        try TreeBuilder.build(at: tree) { tree in
            try tree.file("a", .pattern(size: size))
            for number in 0..<100 { try tree.file(ByteString("m\(number)"), .text("\(number)")) }
            try tree.file("z", .pattern(size: size))
        }
    }

    /// What the archive holds is what later files are compared with: an earlier one that is another now ends the run.
    @Test(arguments: [3000, 200_000], ["truncate -s +1", "rm"])
    func anEarlierFileThatChangesEndsTheArchive(_ size: Int, _ command: String) throws {
        try buildPair(size: size)
        let words = command.split(separator: " ").map { ByteString(String($0)) } + [tree / "a"]
        let error = #expect(throws: ArchiveError.self) {
            try Faults.during({ _, call in
                if call == .write { _ = try? Command(words).run() }
                return nil
            }) {
                try archive(tree, to: tar) { $0.workers = 1 }
            }
        }
        #expect(error?.path == Path(tree / "a"))
    }

    /// Equal at both ends and in size, and not in between.
    @Test(arguments: [20_000, 200_000]) func likeFilesAreNoLinks(_ size: Int) throws {
        try TreeBuilder.build(at: tree) { tree in
            for name in ["a", "b", "c"] as [ByteString] { try tree.file(name, .pattern(size: size)) }
        }
        let file = try Directory.current.openForWriting(Name(Path(tree / "b")), [])
        try [UInt8]("other".utf8).withUnsafeBytes { try file.write(all: $0, at: Int64(size / 2)) }
        for name in ["a", "b", "c"] as [ByteString] { try Command.succeed(["touch", "-d", "@1", tree / name]) }
        #expect(try archive(tree, to: tar).links == 1)
        _ = try ArchiveReader.gnu.extract(tar, into: scratch / "back")
        try Command.succeed(["diff", "-r", tree, scratch / "back"])
    }

    /// Equal content is found below paths that no system call takes.
    @Test func pathsOfAnyLength() throws {
        try TreeBuilder.build(at: tree) { tree in
            for name in ["one", "two"] as [ByteString] { try tree.directory(name) }
        }
        for name in ["one", "two"] as [ByteString] { try DeepTree(levels: 30).build(at: tree / name) }
        #expect(try archive(tree, to: tar).links == 1)
    }

    /// Names of roots differ from those on disk.
    @Test func rootsAreLinkedByTheirNames() throws {
        try TreeBuilder.build(at: tree) { try $0.file("a", .text("content")) }
        let file = ArchiveItem.Content.tree(Path(tree / "a"))
        let items = [ArchiveItem("x", file), ArchiveItem("y", file)]
        let report = try TarWriter(items).write(to: .file(Path(tar)))
        #expect(report.links == 1)
        #expect(try Command.succeed(["tar", "-tvf", tar]).outputText.contains("y link to x"))
    }

    /// An archive in the folder that it is of: neither the old one nor the new one is in it.
    @Test(arguments: [ArchiveCompression.none, .gzip(level: 1)])
    func theArchiveItselfIsLeftOut(_ compression: ArchiveCompression) throws {
        try TreeBuilder.build(at: tree) { tree in
            try tree.file("a", .text("content"))
            try tree.file("z", .pattern(size: 100_000))
        }
        let change = { (options: inout ArchiveOptions) in options.compression = compression }
        #expect(try archive(tree, to: tree / "m.tar", change).warningCount == 0)
        let first = try content(tree / "m.tar")
        let report = try archive(tree, to: tree / "m.tar", change)
        #expect(report.warnings.map(\.path) == [Path(tree / "m.tar")])
        #expect(try content(tree / "m.tar") == first)
    }

    @Test(
        "an inode gets no more names than the maximum, in the order of the archive and at any number of workers",
        arguments: [ArchiveHardLinks.canonical, .preserve, .break])
    func limitsNames(_ links: ArchiveHardLinks) throws {
        #expect(ArchiveOptions().maxNames == 65_000)
        // Equal small files, equal large files, and hard links as of an optimised store, on both sides of a batch's
        // end.
        try TreeBuilder.build(at: tree) { tree in
            for size in [10, 100_000] {
                for number in 100..<180 { try tree.file(ByteString("\(size)-\(number)"), .pattern(size: size)) }
            }
            try tree.file("linked-100", .text("linked"))
            for number in 101..<180 { try tree.hardLink(ByteString("linked-\(number)"), to: "linked-100") }
        }
        var archives: [[UInt8]] = []
        for workers in [1, 2, 7] {
            let report = try archive(tree, to: tar) { ($0.workers, $0.hardLinks, $0.maxNames) = (workers, links, 7) }
            let files = links == .canonical ? 3 * 12 : links == .preserve ? 2 * 80 + 12 : 3 * 80
            #expect((report.files, report.links) == (files, 3 * 80 - files))
            archives.append(try content(tar))
        }
        #expect(archives[0] == archives[1] && archives[0] == archives[2])
        _ = try ArchiveReader.gnu.extract(tar, into: scratch / "back")
        try Command.succeed(["diff", "-r", tree, scratch / "back"])
        let most = try Command.succeed([
            "sh", "-c", "find \"$1\" -type f -printf '%n\\n' | sort -n | tail -n 1", "sh", scratch / "back",
        ])
        #expect(most.outputText == (links == .break ? "1\n" : "7\n"))
        let targets = try Command.succeed([
            "sh", "-c", "tar -tvf \"$1\" | grep -c 'link to 10-107$' || true", "sh", tar,
        ])
        #expect(targets.outputText == "6\n" || links != .canonical)
    }

    /// As GNU tar has them, which reads them back.
    @Test func anyAttributeName() throws {
        let names: [ByteString] = [
            "user.a=b", "user.a%3Db", "user.a%b", "user.100%25", ByteString([117, 115, 101, 114, 46, 255]),
        ]
        try TreeBuilder.build(at: tree) { tree in
            for (number, name) in names.enumerated() {
                try tree.file(ByteString("f\(number)"), .text("x"), Attributes(extended: [name: [1, 2]]))
            }
        }
        try archive(tree, to: tar, keepingAll)
        #expect(try ArchiveReader.gnu.extract(tar, into: scratch / "back") == "")
        let lines = TreeSnapshot.difference(try TreeSnapshot(of: tree), try TreeSnapshot(of: scratch / "back"))
        #expect(lines == [])
    }
}
