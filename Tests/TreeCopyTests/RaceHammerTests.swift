import SystemCalls
import TestSupport
import Testing
import TreeCopy

/// Many workers at once, where they meet.
@Suite(.serialized) struct RaceHammerTests {
    /// One inode with a name in each of many folders: whoever comes first makes it, all others link to it.
    @Test(arguments: [Publication.inPlace, .whole]) func oneInodeInManyFolders(_ publication: Publication) throws {
        let scratch = try Scratch()
        try TreeBuilder.build(at: scratch / "to") { _ in }
        try TreeBuilder.build(at: scratch / "tree") { tree in
            try tree.file("0/0", .pattern(size: 300_000), Attributes(mode: 0o444))
            for folder in 0..<60 {
                for name in 0..<20 where folder + name > 0 { try tree.hardLink("\(folder)/\(name)", to: "0/0") }
                try tree.directory("\(folder)", Attributes(mode: 0o555))
            }
        }
        let report = watched("hammer") {
            copyTree(scratch / "tree", to: scratch / "to/tree", publication: publication) { $0.workers = 8 }
        }
        #expect(report.errors == [])
        #expect(report.counts.copied == 1)
        #expect(report.counts.relinked == 60 * 20 - 1)
        #expect(try difference(scratch / "tree", scratch / "to/tree") == [])
    }

    /// The maker of the inode fails while others wait for it: one of them makes it, and only one name is missing.
    @Test func aFailingMakerHandsOver() throws {
        let scratch = try Scratch()
        try TreeBuilder.build(at: scratch / "to") { _ in }
        try TreeBuilder.build(at: scratch / "tree") { tree in
            try tree.file("0/name", .pattern(size: 1000))
            for folder in 1..<12 { try tree.hardLink("\(folder)/name", to: "0/name") }
        }
        var options = CopyOptions()
        options.workers = 8
        let root = CopyRoot(
            source: Path(scratch / "tree"), directory: Path(scratch / "to"), name: "tree", publication: .inPlace)
        let disturbed = FirstOf(.write, .inputOutput)
        let engine = CopyEngine(CopyRequest(roots: [root], options: options))
        let report = watched("hand over") {
            Faults.during({ _, call in disturbed.look(call) }) { engine.copy() }.0
        }
        #expect(report.errorCount == 1)
        #expect(report.counts.copied == 1)
        #expect(report.counts.relinked == 10)
    }

    /// Five workers read one flat folder; each entry is copied once.
    @Test func aFlatFolderIsSharedOut() throws {
        let scratch = try Scratch()
        try TreeBuilder.build(at: scratch / "tree") { tree in
            for number in 0..<4000 { try tree.file("a file with a number \(number)") }
        }
        let report = copyTree(scratch / "tree", to: scratch / "copy") { $0.workers = 5 }
        #expect(report.errors == [])
        #expect(report.counts.copied == 4000)
        #expect(try difference(scratch / "tree", scratch / "copy") == [])
    }
}
