import SystemCalls
import TestSupport
import Testing
import TreeCopy

/// ext4 gives an inode at most 65,000 names. Source: ext4(5).
@Suite struct ManyLinksTests {
    private static let most = 65_000

    /// Linked by the engine's own wrapper: the builder's way takes a second for a thousand.
    private func build(_ path: ByteString, names: Int) throws {
        try TreeBuilder.build(at: path) { tree in
            let nix = Attributes(mode: 0o444, modified: TestSupport.Timestamp(seconds: 1))
            try tree.file("0", .text("one inode\n"), nix)
        }
        let directory = try Directory.current.openDirectory(Name(path.bytes), [])
        for index in 1..<names { try directory.link(Name("\(index)"), from: directory, Name("0")) }
    }

    @Test func moreNamesThanAnInodeTakesMakeGenerations() throws {
        guard let from = try FileSystemMatrix.require(.tmpfs), let to = try FileSystemMatrix.require(.ext4) else {
            return
        }
        let (source, target) = (try from.scratch(), try to.scratch())
        let names = Self.most + 500
        try build(source / "tree", names: names)
        let report = copyTree(source / "tree", to: target / "copy")
        #expect(report.errors == [])
        #expect(report.counts.copied == 2 && report.counts.relinked == names - 2)
        let copy = try Directory.current.openDirectory(Name((target / "copy").bytes), [])
        var inodes: [FileIdentity: Int] = [:]
        for index in 0..<names {
            inodes[try copy.metadata(of: Name("\(index)"), following: false).identity, default: 0] += 1
        }
        #expect(inodes.values.sorted() == [500, Self.most])
        let samples = Dictionary(grouping: 0..<names) { index in
            try? copy.metadata(of: Name("\(index)"), following: false).identity
        }
        for name in samples.values.compactMap(\.first) {
            let findings = try difference(source / "tree" / "\(name)", target / "copy" / "\(name)", ignoring: [.links])
            #expect(findings == [])
        }
    }

    /// The source's inode has room for half of the links only.
    @Test(arguments: [false, true])
    func sourceWithoutRoomIsCopiedOnce(isStrict: Bool) throws {
        guard let system = try FileSystemMatrix.require(.ext4) else { return }
        let scratch = try system.scratch()
        try build(scratch / "others", names: Self.most - 15)
        try TreeBuilder.build(at: scratch.path) { tree in
            for index in 0..<10 { try tree.hardLink("tree/\(index)", to: "others/0") }
        }
        let report = copyTree(scratch / "tree", to: scratch / "copy") {
            $0.strategy = .hardlink
            $0.isStrict = isStrict
        }
        #expect(report.counts.linked == 5)
        let copy = try TreeSnapshot(of: scratch / "copy")
        if isStrict {
            #expect(report.errorCount == 5 && report.errors.allSatisfy { $0.errno == .tooManyLinks })
            #expect(copy.count == 6)
        } else {
            #expect(report.errors == [] && report.counts.copied == 1 && report.counts.relinked == 4)
            #expect(report.fallbacks == ["the inode has all the links it can take": 5])
            #expect(try difference(scratch / "tree", scratch / "copy", ignoring: [.links]) == [])
        }
    }

    /// Whichever of the names is there already, it stays, and the others come.
    @Test(arguments: ["a", "b", "c"] as [ByteString]) func namesThatAreThereStay(_ present: ByteString) throws {
        let scratch = try Scratch()
        try TreeBuilder.build(at: scratch / "source") { tree in
            try tree.file("a", .text("new"))
            for name in ["b", "c"] as [ByteString] { try tree.hardLink(name, to: "a") }
        }
        try TreeBuilder.build(at: scratch / "copy") { try $0.file(present, .text("old")) }
        let report = copyTree(scratch / "source", to: scratch / "copy") { $0.existing = .skip }
        #expect(report.errors == [])
        #expect(report.counts.skipped == 1)
        for name in ["a", "b", "c"] as [ByteString] {
            #expect(try readSmallFile(Path(scratch / "copy" / name)) == Array((name == present ? "old" : "new").utf8))
        }
    }
}
