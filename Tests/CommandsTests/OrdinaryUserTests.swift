import TestSupport
import Testing

/// What somebody without privileges gets of a store that belongs to root: all of it, as `cp -a` would.
@Suite struct OrdinaryUserTests {
    private static let files = 60

    private func buildStore(at path: ByteString) throws {
        let one = Timestamp(seconds: 1)
        try TreeBuilder.build(at: path) { tree in
            for index in 0..<Self.files {
                try tree.file("lib/\(index)", .pattern(size: index * 500), Attributes(mode: 0o444, modified: one))
            }
            try tree.file("bin/program", .pattern(size: 300_000), Attributes(mode: 0o555, modified: one))
            try tree.file("bin/setid", .text("s"), Attributes(mode: 0o6555, modified: one))
            try tree.hardLink("bin/alias", to: "bin/program")
            try tree.symbolicLink("bin/link", to: "program", Attributes(modified: one))
            try tree.file("share/empty", .empty, Attributes(mode: 0o444, owner: 1000, group: 1000, modified: one))
            for folder: ByteString in ["lib", "bin", "share", "share/deep", "share/deep/er"] {
                try tree.directory(folder, Attributes(mode: 0o555, modified: one))
            }
            tree.root(Attributes(mode: 0o555, modified: one))
        }
    }

    /// A directory of root's with a store in it, and one of nobody's beside it.
    private func prepare(_ kind: FileSystemKind) throws -> Scratch? {
        guard let scratch = try FileSystemMatrix.require(kind)?.scratch() else { return nil }
        try buildStore(at: scratch / "store")
        try TreeBuilder.build(at: scratch.path) { tree in
            try tree.directory(
                "mine", Attributes(mode: 0o755, owner: OrdinaryUser.nobody.id, group: OrdinaryUser.nobody.group))
            tree.root(Attributes(mode: 0o755))
        }
        return scratch
    }

    private func expectCopy(_ copy: ByteString, of store: ByteString) throws {
        #expect(try difference(store, copy, ignoring: [.owner, .group]) == ["bin/setid: mode 6555 != 0555"])
        let tree = try TreeSnapshot(of: copy)
        #expect(tree.paths.allSatisfy { tree[$0]?.owner == OrdinaryUser.nobody.id })
    }

    @Test(arguments: FileSystemKind.allCases)
    func readOnlyStoreIsCopiedWhole(kind: FileSystemKind) throws {
        guard let scratch = try prepare(kind) else { return }
        let result = try Repot.run(["-R", scratch / "store", scratch / "mine/copy"], user: .nobody)
        #expect(result.status == 0 && result.errorText == "")
        try expectCopy(scratch / "mine/copy", of: scratch / "store")
    }

    /// The copy of a store path is in place, or none is.
    @Test func storePathIsWholeForItsUserToo() throws {
        guard let scratch = try prepare(.tmpfs) else { return }
        let name: ByteString = "store/0123456789abcdfghijklmnpqrsvwxyz-program"
        try TreeBuilder.build(at: scratch.path) { try $0.directory("nix/store") }
        try buildStore(at: scratch / "nix" / name)
        let result = try Repot.run(["-R", scratch / "nix" / name, scratch / "mine"], user: .nobody)
        #expect(result.status == 0 && result.errorText == "")
        try expectCopy(scratch / "mine/0123456789abcdfghijklmnpqrsvwxyz-program", of: scratch / "nix" / name)
        let names = try TreeSnapshot(of: scratch / "mine").paths.filter { $0.components.count == 1 }
        #expect(names.count == 1)
    }

    @Test func copyAgainOverOwnReadOnlyFoldersGivesTheSame() throws {
        guard let scratch = try prepare(.ext4) else { return }
        for _ in 1...2 {
            let result = try Repot.run(["-RfT", scratch / "store", scratch / "mine/copy"], user: .nobody)
            #expect(result.status == 0 && result.errorText == "")
            try expectCopy(scratch / "mine/copy", of: scratch / "store")
        }
    }

    /// fs.protected_hardlinks forbids links to files that one could not write; it says so once.
    @Test func protectedHardLinksAreLearntOnce() throws {
        guard try Command.succeed(["cat", "/proc/sys/fs/protected_hardlinks"]).outputText == "1\n" else { return }
        guard let scratch = try prepare(.ext4) else { return }
        let command: [ByteString] = [
            try Repot.pathForEverybody(), "-Rl", "-j2", "--explain", scratch / "store", scratch / "mine/copy",
        ]
        let count = try SystemCallCount(command, user: .nobody, report: scratch / "mine/report")
        // One a worker and one for the other owner; a set-id file and a symlink speak for themselves alone; and one
        // for the second name of a file that has two.
        #expect(count["linkat"] <= 2 + 1 + 2 + 1)
        try expectCopy(scratch / "mine/copy", of: scratch / "store")
        let strict = try Repot.run(["-Rl", "--strict", scratch / "store", scratch / "mine/strict"], user: .nobody)
        #expect(strict.status == 1 && strict.errorText.contains("Operation not permitted"))
    }

    /// Among files of root's, one's own are linked, and what all may write to; other owners' have to be tried.
    @Test(arguments: ["-j1", "-j2"]) func ownFilesAreLinkedAmongOthers(workers: ByteString) throws {
        guard try Command.succeed(["cat", "/proc/sys/fs/protected_hardlinks"]).outputText == "1\n" else { return }
        guard let scratch = try prepare(.btrfs) else { return }
        let user = OrdinaryUser.nobody
        let own = Attributes(mode: 0o444, owner: user.id, group: user.group)
        try TreeBuilder.build(at: scratch / "mixed") { tree in
            for index in 0..<Self.files {
                let attributes = index % 3 == 0 ? own : Attributes(mode: index % 3 == 1 ? 0o444 : 0o666)
                try tree.file("\(index)", .text("x"), attributes)
            }
        }
        let result = try Repot.run(["-Rl", workers, scratch / "mixed", scratch / "mine/copy"], user: user)
        #expect(result.status == 0 && result.errorText == "")
        let linked = try Command.succeed(["find", scratch / "mine/copy", "-type", "f", "-links", "2"]).outputText
        #expect(linked.split(separator: "\n").count == Self.files / 3 * 2)
    }

    /// A folder that may not be read, and a file, are named; the rest is there.
    @Test func unreadableEntriesAreNamed() throws {
        guard let scratch = try prepare(.tmpfs) else { return }
        try TreeBuilder.build(at: scratch / "source") { tree in
            try tree.file("a/secret", .text("s"), Attributes(mode: 0o600))
            try tree.file("closed/file", .text("s"))
            try tree.directory("closed", Attributes(mode: 0o700))
            try tree.file("z", .text("z"))
        }
        let result = try Repot.run(["-R", scratch / "source", scratch / "mine/copy"], user: .nobody)
        let lines = result.errorText.split(separator: "\n").sorted()
        #expect(result.status == 1)
        #expect(
            lines == [
                "repot: cannot access '\(scratch / "source/closed")': Permission denied",
                "repot: cannot open '\(scratch / "source/a/secret")' for reading: Permission denied",
            ])
        #expect(try TreeSnapshot(of: scratch / "mine/copy").paths == ["", "a", "closed", "z"])
    }
}
