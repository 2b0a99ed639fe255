import FileTree
import Glibc
import SystemCalls
import TestSupport
import Testing

@Suite(.serialized) struct TreeRemovalTests {
    private func remove(_ path: ByteString) throws {
        var removal = FileTree.TreeRemoval()
        let whole = Path(path.bytes)
        let parent = try Directory.current.openDirectory(Name(whole.parent), [])
        try removal.remove(Name(whole.lastComponent), in: parent)
    }

    private func isThere(_ path: ByteString) -> Bool {
        (try? Directory.current.metadata(of: Name(path.bytes), following: false)) != nil
    }

    @Test func removesEveryKindOfEntryAndFollowsNothing() throws {
        let scratch = try Scratch()
        try TreeBuilder.build(at: scratch / "outside") { try $0.file("kept", .text("kept")) }
        try TreeBuilder.build(at: scratch / "tree") { tree in
            try tree.file("file", .text("x"))
            try tree.fifo("pipe")
            try tree.symbolicLink("out", to: scratch / "outside")
            try tree.symbolicLink("deep/er/out", to: "../../../outside")
            try tree.file([0x61, 0xff], .empty)
            try tree.directory("empty")
        }
        let before = try TreeSnapshot(of: scratch / "outside")
        try remove(scratch / "tree")
        #expect(!isThere(scratch / "tree"))
        #expect(TreeSnapshot.difference(before, try TreeSnapshot(of: scratch / "outside")) == [])
    }

    @Test("a file system that is mounted in the tree is not entered")
    func doesNotEnterMounts() throws {
        guard OrdinaryUser.isRoot else { return }
        let scratch = try Scratch()
        try TreeBuilder.build(at: scratch.path) { tree in
            try tree.file("outside/kept")
            try tree.directory("tree/mount")
        }
        try Command.succeed(["mount", "--bind", scratch / "outside", scratch / "tree/mount"])
        defer { _ = try? Command.run(["umount", scratch / "tree/mount"]) }
        #expect(throws: Errno.busy) { try remove(scratch / "tree") }
        #expect(isThere(scratch / "outside/kept"))
    }

    @Test func aSymlinkIsRemovedItself() throws {
        let scratch = try Scratch()
        try TreeBuilder.build(at: scratch.path) { tree in
            try tree.file("outside/kept")
            try tree.symbolicLink("link", to: "outside")
        }
        try remove(scratch / "link")
        #expect(!isThere(scratch / "link"))
        #expect(isThere(scratch / "outside/kept"))
    }

    @Test func whatIsNotThereIsRemoved() throws {
        let scratch = try Scratch()
        try remove(scratch / "nothing")
    }

    /// As an ordinary user: root may write into any folder.
    @Test func readOnlyFoldersAreOpenedUp() throws {
        let scratch = try Scratch()
        try TreeBuilder.build(at: scratch / "tree") { tree in
            try tree.file("shut/inside/file")
            try tree.directory("shut/inside", Attributes(mode: 0o000))
            try tree.directory("shut", Attributes(mode: 0o555))
            tree.root(Attributes(mode: 0o111))
        }
        guard OrdinaryUser.isRoot else { return try remove(scratch / "tree") }
        try Command.succeed(["chown", "-R", "\(OrdinaryUser.nobody.id)", scratch.path])
        seteuid(OrdinaryUser.nobody.id)
        defer { seteuid(0) }
        try remove(scratch / "tree")
        #expect(!isThere(scratch / "tree"))
    }

    @Test func treesDeeperThanTheDescriptorLimit() throws {
        let scratch = try Scratch()
        try TreeBuilder.build(at: scratch / "tree") { _ in }
        try DeepTree(levels: 400).build(at: scratch / "tree")
        let before = try DescriptorCount.now()
        try withDescriptorLimit(before + 64) { try remove(scratch / "tree") }
        #expect(!isThere(scratch / "tree"))
        #expect(try DescriptorCount.now() == before)
    }

    @Test func aFolderOfManyFiles() throws {
        let scratch = try Scratch()
        try TreeBuilder.build(at: scratch / "tree") { tree in
            for number in 0..<3000 { try tree.file("\(number)") }
        }
        try remove(scratch / "tree")
        #expect(!isThere(scratch / "tree"))
    }

    @Test func aFailureIsThrown() throws {
        let scratch = try Scratch()
        try TreeBuilder.build(at: scratch / "tree") { try $0.file("file") }
        _ = Faults.during({ _, call in call == .unlink ? .inputOutput : nil }) {
            #expect(throws: Errno.inputOutput) { try remove(scratch / "tree") }
        }
        #expect(isThere(scratch / "tree"))
    }
}

/// Lowers the soft limit of open descriptors for a while.
func withDescriptorLimit(_ limit: Int, _ body: () throws -> Void) rethrows {
    var before = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &before)
    var lower = before
    lower.rlim_cur = rlim_t(limit)
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &lower)
    defer { setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &before) }
    try body()
}
