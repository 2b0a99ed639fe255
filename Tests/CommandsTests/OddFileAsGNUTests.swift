import TestSupport
import Testing

/// GNU cp fails for the file that cannot be linked or cloned, and for no other, whichever comes first.
@Suite struct OddFileAsGNUTests {
    private static let names: [ByteString] = ["a", "b", "c", "d"]

    /// The content of `t` after a run in the directory: names, sizes, and inodes where files are linked. The command
    /// replaces a shell by cp.
    private func run(
        _ command: String, _ arguments: [ByteString], in directory: ByteString, _ user: OrdinaryUser?,
        tells format: ByteString
    ) throws -> [String] {
        let result = try Command.run(
            ["bash", "-c", ByteString("mkdir -p t && \(command) \"$@\""), "bash"] + arguments, directory: directory,
            user: user)
        let tree = try Command.succeed(["find", directory / "t", "-type", "f", "-printf", format]).outputText
        try Command.succeed(["rm", "-r", directory / "t"])
        let lines = (result.errorText + tree).split(separator: "\n").map(String.init)
        return ["status \(result.status)"] + lines.sorted()
    }

    /// Runs both in `here`, beside the sources, repot several times: which worker is first is chance.
    private func expectSame(
        _ arguments: [ByteString], in scratch: Scratch, user: OrdinaryUser? = nil, tells format: ByteString = "%P %i\n",
        as reference: GNUCopy? = GNUCopy.available.last, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        guard let reference else { return }
        let here = scratch / "here"
        let theirs = try run(reference.command, arguments, in: here, user, tells: format)
        #expect(theirs.first == "status 1" && theirs.count > Self.names.count, sourceLocation: sourceLocation)
        for _ in 1...5 {
            let ours = try run("exec -a cp \(try Repot.pathForEverybody())", arguments, in: here, user, tells: format)
            #expect(ours == theirs, "\(arguments)", sourceLocation: sourceLocation)
        }
    }

    /// `s` with four files and an odd one, which comes first or last in the folder, and `here` for the copies.
    private func prepare(
        _ kind: FileSystemKind, owner: OrdinaryUser? = nil, odd: (ByteString) throws -> Void
    ) throws -> Scratch? {
        guard let scratch = try FileSystemMatrix.require(kind)?.scratch() else { return nil }
        let (id, group) = (owner?.id ?? 0, owner?.group ?? 0)
        try TreeBuilder.build(at: scratch.path) { tree in
            tree.root(Attributes(mode: 0o755))
            try tree.directory("here", Attributes(owner: id, group: group))
            try tree.directory("s")
            try odd(scratch / "s/0")
            for name in Self.names {
                try tree.file("s/\(name)", .pattern(size: 9000), Attributes(owner: id, group: group))
            }
        }
        return scratch
    }

    private var operands: [ByteString] { (["0"] + Self.names).map { "../s/\($0)" } }

    /// fs.protected_hardlinks.
    @Test(arguments: [FileSystemKind.btrfs, .tmpfs])
    func othersFiles(kind: FileSystemKind) throws {
        guard try Command.succeed(["cat", "/proc/sys/fs/protected_hardlinks"]).outputText == "1\n" else { return }
        let scratch = try prepare(kind, owner: .nobody) { try Command.succeed(["touch", $0]) }
        guard let scratch else { return }
        try expectSame(["-rlT", "../s", "t"], in: scratch, user: .nobody)
        try expectSame(["-l"] + operands + ["t"], in: scratch, user: .nobody)
        try expectSame(["-l"] + operands.reversed() + ["t"], in: scratch, user: .nobody)
    }

    @Test(arguments: [FileSystemKind.btrfs, .tmpfs])
    func filesOfAnotherMount(kind: FileSystemKind) throws {
        let other = try Scratch()
        try TreeBuilder.build(at: other.path) { try $0.file("file", .pattern(size: 9000)) }
        let scratch = try prepare(kind) { try Command.succeed(["ln", "-s", other / "file", $0]) }
        guard let scratch else { return }
        try expectSame(["-rlLT", "../s", "t"], in: scratch)
        try expectSame(["-lL"] + operands + ["t"], in: scratch)
        guard kind == .btrfs else { return }
        try expectSame(
            ["-rLT", "--reflink=always", "../s", "t"], in: scratch, tells: "%P %s\n", as: GNUCopy.newest())
    }

    @Test func filesWithoutCopyOnWrite() throws {
        let script: ByteString = #"touch "$0" && chattr +C "$0" && head -c 9000 /dev/zero >"$0""#
        guard let scratch = try prepare(.btrfs, odd: { try Command.succeed(["sh", "-c", script, $0]) }) else { return }
        // GNU cp 9.1 leaves an empty file where it cannot clone.
        let always: ByteString = "--reflink=always"
        let newest = GNUCopy.newest()
        try expectSame([always] + operands + ["t"], in: scratch, tells: "%P %s\n", as: newest)
        try expectSame([always] + operands.reversed() + ["t"], in: scratch, tells: "%P %s\n", as: newest)
        try expectSame(["-rT", always, "../s", "t"], in: scratch, tells: "%P %s\n", as: newest)
    }

    @Test func subvolumes() throws {
        let scratch = try prepare(.btrfs) { folder in
            try Command.succeed(["btrfs", "subvolume", "create", folder])
            try TreeBuilder.build(at: folder) { try $0.file("file", .text("x")) }
        }
        guard let scratch else { return }
        defer { _ = try? Command.run(["btrfs", "subvolume", "delete", scratch / "s/0"]) }
        try expectSame(["-rlT", "../s", "t"], in: scratch)
        try expectSame(["-l", "../s/0/file"] + Self.names.map { "../s/\($0)" } + ["t"], in: scratch)
    }
}
