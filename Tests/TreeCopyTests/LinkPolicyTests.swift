import SystemCalls
import TestSupport
import Testing
import TreeCopy

/// Files that the kernel would link, and that must not be.
@Suite struct LinkPolicyTests {
    private func build(_ path: ByteString) throws {
        try TreeBuilder.build(at: path) { tree in
            for index in 0..<20 { try tree.file("a/\(index)", .pattern(size: 10_000, seed: UInt64(index))) }
            try tree.file("b/empty")
            try tree.symbolicLink("b/link", to: "../a/1")
        }
    }

    @Test(arguments: [FileSystemKind.tmpfs, .ext4])
    func lowerLayersOfAnOverlayAreNotLinked(base: FileSystemKind) throws {
        let answer = FileSystemMatrix.overlay(on: base) { try build($0 / "lower") }
        guard let system = try FileSystemMatrix.require(answer, .overlay) else { return }
        try build(system.path / "upper")
        let report = copyTree(system.path / "lower", to: system.path / "copy") { $0.strategy = .hardlink }
        let because = "the kernel would copy it up from a lower layer first"
        #expect(report.errors == [] && report.counts.linked == 0 && report.fallbacks == [because: 21])
        let findings = ["hardlink: not for files in a lower layer: \(because)", "chosen: copy"]
        #expect(report.reasons.map(\.findings).contains { Set(findings).isSubset(of: $0) })
        #expect(try difference(system.path / "lower", system.path / "copy") == [])

        let linked = copyTree(system.path / "upper", to: system.path / "linked") { $0.strategy = .hardlink }
        #expect(linked.errors == [] && linked.counts.linked == 22 && linked.fallbacks == [:])
        let upper = try metadata(system.path / "upper/a/3").identity
        #expect(try upper == metadata(system.path / "linked/a/3").identity)
    }

    /// GNU's `cp -l` links even there.
    @Test func forcedLinksCopyUp() throws {
        let answer = FileSystemMatrix.overlay { try build($0 / "lower") }
        guard let system = try FileSystemMatrix.require(answer, .overlay) else { return }
        let report = copyTree(system.path / "lower", to: system.path / "copy") {
            $0.strategy = .hardlink
            $0.linkPolicy = .forced
        }
        #expect(report.errors == [] && report.counts.linked == 22)
    }

    @Test func unchangingFilesAloneAreLinkedForRootsThatAreWrittenTo() throws {
        let scratch = try Scratch()
        try build(scratch / "source")
        let report = copyTree(scratch / "source", to: scratch / "copy") {
            $0.strategy = .hardlink
            $0.linkPolicy = .unchanging
        }
        #expect(report.counts.linked == 21 && report.fallbacks == ["empty files are not shared": 1])
        let dated = copyTree(scratch / "source", to: scratch / "dated") {
            $0.strategy = .hardlink
            $0.linkPolicy = .unchanging
            $0.modificationTime = 1
        }
        #expect(dated.counts.linked == 0 && dated.errors == [])
        let tree = try TreeSnapshot(of: scratch / "dated")
        #expect(tree.paths.allSatisfy { tree[$0]?.modified == TestSupport.Timestamp(seconds: 1) })
    }

    /// What was linked out of a store once is replaced, not written into, though links are not kept now.
    @Test(arguments: [false, true]) func filesWithOtherNamesAreReplaced(writesIntoShared: Bool) throws {
        let scratch = try Scratch()
        try TreeBuilder.build(at: scratch.path) { tree in
            try tree.file("store/file", .text("of the store"))
            try tree.file("source/file", .text("new"))
            try tree.directory("copy")
            try tree.hardLink("copy/file", to: "store/file")
        }
        let report = copyTree(scratch / "source", to: scratch / "copy") {
            $0.preserve.remove(.links)
            $0.writesIntoShared = writesIntoShared
        }
        #expect(report.errors == [])
        let (store, copy) = (try metadata(scratch / "store/file"), try metadata(scratch / "copy/file"))
        #expect(store.size == (writesIntoShared ? 3 : 12) && copy.size == 3)
        #expect((store.identity == copy.identity) == writesIntoShared)
    }

    /// A time is what it has to be to the nanosecond.
    @Test func aFractionOfASecondDiffers() throws {
        let scratch = try Scratch()
        let almost = TestSupport.Timestamp(seconds: 1, nanoseconds: 5)
        try TreeBuilder.build(at: scratch / "source") {
            try $0.file("file", .text("x"), Attributes(modified: almost))
        }
        let report = copyTree(scratch / "source", to: scratch / "copy") {
            $0.strategy = .hardlink
            $0.linkPolicy = .unchanging
            $0.modificationTime = 1
        }
        #expect(report.counts.linked == 0)
        #expect(try metadata(scratch / "copy/file").modified == SystemCalls.Timestamp(seconds: 1, nanoseconds: 0))
    }

    /// Nobody may link to an immutable file, and that says nothing of other files.
    @Test func anImmutableFileDoesNotSpeakForOthers() throws {
        guard OrdinaryUser.isRoot, let scratch = try FileSystemMatrix.require(.ext4)?.scratch() else { return }
        try build(scratch / "source")
        // The first one that is met.
        let first = try Command.succeed(["ls", "-U", scratch / "source/a"]).outputText.prefix { $0 != "\n" }
        let file = scratch / "source/a" / ByteString(String(first))
        try Command.succeed(["chattr", "+i", file])
        let report = copyTree(scratch / "source/a", to: scratch / "copy") {
            $0.strategy = .hardlink
            $0.workers = 1
        }
        try Command.succeed(["chattr", "-i", file])
        #expect(report.errors == [] && report.counts.linked == 19 && report.counts.copied == 1)
    }
}
