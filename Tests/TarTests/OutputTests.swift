import Glibc
import SystemCalls
import TestSupport
import Testing

@testable import Tar

/// Outputs that are not new regular files, and directories that do not permit what a new file needs.
@Suite(.serialized) struct OutputTests {
    private let scratch: Scratch
    private let expected: [UInt8]
    private var tree: ByteString { scratch / "tree" }
    private var tar: ByteString { scratch / "out/a.tar" }

    init() throws {
        let scratch = try Scratch()
        try TreeBuilder.build(at: scratch / "out") { _ in }
        try TreeBuilder.build(at: scratch / "tree") { tree in
            try tree.file("file", .text("content"))
            try tree.file("large", .pattern(size: 300_000))
            try tree.file("sparse", .sparse(length: 1 << 20, data: []))
        }
        try archive(scratch / "tree", to: scratch / "expected.tar")
        expected = try content(scratch / "expected.tar")
        self.scratch = scratch
    }

    private func names() throws -> [ByteString] {
        try TreeSnapshot(of: scratch / "out").paths.filter { !$0.isEmpty && $0 != "." }
    }

    @Test(
        "a refusal of any way to publish a file does not prevent the archive",
        arguments: [SystemCall.link, .rename, .clone, .setMode, .lock], [Errno.notPermitted, .notImplemented, .invalid])
    func publishesAnotherWay(_ refused: SystemCall, _ errno: Errno) throws {
        // A new file, and then one that replaces it.
        for _ in 1...2 {
            _ = try Faults.during({ _, call in call == refused ? errno : nil }) { try archive(tree, to: tar) }
            #expect(try content(tar) == expected)
            #expect(try names() == ["a.tar"])
        }
    }

    @Test("a full disk ends the archive, and the old one stays", arguments: [SystemCall.write, .link, .rename])
    func stopsAtFatalErrors(_ call: SystemCall) throws {
        try TreeBuilder.build(at: scratch / "out") { try $0.file("a.tar", .text("old")) }
        #expect(throws: ArchiveError.self) {
            try Faults.during({ _, made in made == call ? .noSpace : nil }) { try archive(tree, to: tar) }
        }
        #expect(try content(tar) == Array("old".utf8))
        #expect(try names() == ["a.tar"])
    }

    @Test("holes are written as zeros to a block device that has other bytes")
    func writesAllBytesToADevice() throws {
        guard OrdinaryUser.isRoot else { return }
        let image = scratch / "image"
        try TreeBuilder.build(at: scratch / "images") { try $0.file("image", .pattern(size: 4 << 20)) }
        try Command.succeed(["mv", scratch / "images/image", image])
        let text = try Command.succeed(["losetup", "-f", "--show", image]).outputText
        let device = ByteString(text.filter { !$0.isNewline })
        defer { _ = try? Command.run(["losetup", "-d", device]) }
        try archive(tree, to: device)
        try Command.succeed(["blockdev", "--flushbufs", device])
        #expect(try Array(content(image).prefix(expected.count)) == expected)
    }

    @Test("a FIFO is waited for until it has a reader")
    func waitsForAReader() throws {
        let fifo = scratch / "out/fifo"
        try Command.succeed(["mkfifo", fifo])
        let reader = try Command(["sh", "-c", "sleep 0.3; cat \"$0\"", fifo]).start()
        try archive(tree, to: fifo)
        #expect(try reader.finish().output == expected)
    }

    @Test("a descriptor is written at its offset, and what it appends to keeps its content", arguments: [0, O_APPEND])
    func writesToADescriptor(_ flags: Int32) throws {
        let path = scratch / "out/file"
        let file = open(path.description, O_WRONLY | O_CREAT | flags, 0o600)
        try #require(file >= 0)
        defer { close(file) }
        #expect(write(file, "before", 6) == 6)
        try archive(tree, to: ByteString("/dev/fd/\(file)"))
        #expect(write(file, "after", 5) == 5)
        #expect(try content(path) == Array("before".utf8) + expected + Array("after".utf8))
    }

    /// Makes the directory of the archive writable for all and sticky, as /tmp, and gives the entry to the user.
    private func plant(_ entry: ByteString, user: ByteString) throws {
        try Command.succeed(["chmod", "1777", scratch / "out"])
        try Command.succeed(["chown", "-h", user, entry])
    }

    @Test("a symlink or FIFO of another user in a shared directory is not followed or opened")
    func refusesPlantedEntries() throws {
        guard OrdinaryUser.isRoot else { return }
        try TreeBuilder.build(at: scratch / "victim") { try $0.file("file", .text("important")) }
        try TreeBuilder.build(at: scratch / "out") { tree in
            try tree.symbolicLink("link", to: scratch / "victim/file")
            try tree.fifo("fifo")
        }
        for name in ["link", "fifo"] as [ByteString] {
            try plant(scratch / "out" / name, user: "1500")
            #expect(throws: ArchiveError.self) { try archive(tree, to: scratch / "out" / name) }
        }
        #expect(try content(scratch / "victim/file") == Array("important".utf8))
        try plant(scratch / "out/link", user: "0")
        try archive(tree, to: scratch / "out/link")
        #expect(try content(scratch / "victim/file") == expected)
    }

    @Test(
        "a new file gets the mode of the file that it replaces if the caller owns that one, without set-ID bits",
        arguments: [("0", "600", 0o600), ("0", "6755", 0o755), ("1500", "6777", 0o644), ("1500", "600", 0o600)]
            as [(ByteString, ByteString, UInt32)])
    func keepsModes(_ user: ByteString, _ mode: ByteString, _ expected: UInt32) throws {
        guard OrdinaryUser.isRoot else { return }
        try TreeBuilder.build(at: scratch / "out") { try $0.file("a.tar", .text("old")) }
        try plant(tar, user: user)
        try Command.succeed(["chmod", mode, tar])
        try archive(tree, to: tar)
        let made = try Directory.current.metadata(of: Name(tar.bytes), following: false)
        #expect(made.mode == FileMode(rawValue: expected))
        #expect(made.owner.user == 0)
    }

    @Test("a file on which another file is mounted is written in place")
    func writesToAMount() throws {
        guard OrdinaryUser.isRoot else { return }
        try TreeBuilder.build(at: scratch / "out") { tree in
            try tree.file("a.tar", .text("covered"))
            try tree.file("back", .pattern(size: 2 << 20))
        }
        try Command.succeed(["mount", "--bind", scratch / "out/back", tar])
        defer { _ = try? Command.run(["umount", tar]) }
        try archive(tree, to: tar)
        #expect(try content(scratch / "out/back") == expected)
        #expect(try names().count == 2)
    }

    @Test("an append-only directory gets the archive and no other name", arguments: [false, true])
    func writesToAnAppendOnlyDirectory(_ isExisting: Bool) throws {
        guard let system = try FileSystemMatrix.require(.ext4) else { return }
        let place = try system.scratch()
        let out = place / "out"
        try TreeBuilder.build(at: out) { if isExisting { try $0.file("a.tar", .text("old")) } }
        try Command.succeed(["chattr", "+a", out])
        defer { _ = try? Command.run(["chattr", "-a", out]) }
        try archive(tree, to: out / "a.tar")
        #expect(try content(out / "a.tar") == expected)
        #expect(try Command.succeed(["ls", "-A", out]).outputText == "a.tar\n")
    }

    @Test("a file in a directory without write permission is written in place, as by GNU tar")
    func writesWithoutADirectory() throws {
        guard let system = try FileSystemMatrix.require(.ext4) else { return }
        let place = try system.scratch()
        try TreeBuilder.build(at: place / "out") { try $0.file("a.tar", .text("old")) }
        // An immutable directory refuses to root what a read-only one refuses to an ordinary user.
        try Command.succeed(["chattr", "+i", place / "out"])
        defer { _ = try? Command.run(["chattr", "-i", place / "out"]) }
        try archive(tree, to: place / "out/a.tar")
        #expect(try content(place / "out/a.tar") == expected)
    }
}
