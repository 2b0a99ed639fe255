import SystemCalls
import TestSupport
import Testing
import TreeCopy

/// Which strategy is taken where, and what the report says of it.
@Suite struct LadderTests {
    private func build(_ path: ByteString) throws {
        try TreeBuilder.build(at: path) { tree in
            for index in 0..<20 { try tree.file("a/\(index)", .pattern(size: 10_000, seed: UInt64(index))) }
            try tree.file("b/empty")
            try tree.symbolicLink("b/link", to: "../a/1")
        }
    }

    @Test func anotherMountOfTheSameFileSystemIsNotLinkedTo() throws {
        guard let system = try FileSystemMatrix.require(.ext4) else { return }
        let scratch = try system.scratch()
        try build(scratch / "source")
        try TreeBuilder.build(at: scratch / "view") { _ in }
        try Command.succeed(["mount", "--bind", scratch / "source", scratch / "view"])
        defer { _ = try? Command.run(["umount", scratch / "view"]) }
        let report = copyTree(scratch / "view", to: scratch / "copy") { $0.strategy = .hardlink }
        #expect(report.errors == [] && report.fallbacks == ["crosses a mount": 21])
        #expect(report.counts.linked == 0 && report.counts.copied == 21)
        #expect(report.reasons.map(\.findings).contains { $0.contains("hardlink: crosses a mount (EXDEV)") })
        #expect(report.reasons.map(\.fileSystems) == ["ext4 to ext4"])
        #expect(try difference(scratch / "source", scratch / "copy") == [])
    }

    @Test("--strict reports a refusal that holds for all files once, and counts the files")
    func strictHardlinkRefusesAcrossMounts() throws {
        guard let system = try FileSystemMatrix.require(.tmpfs) else { return }
        let (scratch, source) = (try system.scratch(), try Scratch())
        try build(source / "tree")
        let report = copyTree(source / "tree", to: scratch / "copy") {
            $0.strategy = .hardlink
            $0.isStrict = true
        }
        #expect(report.errorCount == 22 && report.errors.map(\.errno) == [.crossesMount])
        #expect(report.errors.first?.description.contains("'\(scratch / "copy")") == true)
        #expect(try TreeSnapshot(of: scratch / "copy").count == 3)
    }

    @Test(arguments: [FileSystemKind.xfs, .btrfs])
    func reflinksShareTheirExtents(kind: FileSystemKind) throws {
        guard let system = try FileSystemMatrix.require(kind) else { return }
        let scratch = try system.scratch()
        try TreeBuilder.build(at: scratch / "source") { try $0.file("f", .pattern(size: 8 << 20)) }
        try Command.succeed(["sync", "-f", scratch.path])
        for choice in [StrategyChoice.auto, .reflink, .copy] {
            let report = copyTree(scratch / "source", to: scratch / "copy") { $0.strategy = choice }
            #expect(report.errors == [] && report.counts.cloned == (choice == .copy ? 0 : 1))
            try Command.succeed(["sync", "-f", scratch.path])
            let extents = try Command.succeed(["/usr/sbin/filefrag", "-v", scratch / "copy/f"]).outputText
            #expect(extents.contains("shared") == (choice != .copy), "\(choice): \(extents)")
            try Command.succeed(["rm", "-r", scratch / "copy"])
        }
    }
}
