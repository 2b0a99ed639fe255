import TestSupport
import Testing

@testable import Inputs

@Suite struct ShapeTests {
    @Test(arguments: [
        Workload.nothing, .files(2_345), .flat(1_500), .hardLinks(4_000), .symbolicLinks(250),
        .deep(levels: 40, chains: 3), .bigFile(3 << 20), .sparse(length: 64 << 20), .few(50),
    ])
    func countsAreTrue(_ workload: Workload) throws {
        let scratch = try Scratch()
        try workload.make(scratch / "tree")
        let content = try TreeContent(of: workload.subject(at: scratch / "tree"))
        #expect(content.files == workload.files)
        #expect(content.entries == workload.entries)
    }

    @Test func filesAreTheSameEveryTimeAndDifferFromEachOther() throws {
        let scratch = try Scratch()
        for name: ByteString in ["one", "other"] { try Workload.files(1_234).make(scratch / name) }
        let trees = try (TreeSnapshot(of: scratch / "one"), TreeSnapshot(of: scratch / "other"))
        #expect(TreeSnapshot.difference(trees.0, trees.1, ignoring: [.times]) == [])
        let digests = Set(trees.0.paths.compactMap { trees.0[$0]?.digest })
        #expect(digests.count > 1_200)
    }

    @Test func footprintIsWhatTheDiskTakes() throws {
        let scratch = try Scratch()
        let workload = Workload.files(3_000)
        try workload.make(scratch / "tree")
        let content = try TreeContent(of: scratch / "tree")
        #expect(content.footprint == workload.footprint)
        #expect(content.bytes / 3_000 > 1 << 10 && content.bytes / 3_000 < 4 << 10)
    }

    @Test func halfOfTheNamesShareTheirFiles() throws {
        let scratch = try Scratch()
        try Workload.hardLinks(4_000).make(scratch / "tree")
        let tree = try TreeSnapshot(of: scratch / "tree")
        let shared = tree.paths.compactMap { tree[$0] }.filter { $0.kind == .regular && $0.linkCount > 1 }
        #expect(shared.count == 2_000)
        #expect(shared.allSatisfy { $0.linkCount == 4 })
    }

    @Test func sparseFilesHaveTheirData() throws {
        let scratch = try Scratch()
        try SparseFiles(length: 64 << 20).build(at: scratch / "tree")
        let tree = try TreeSnapshot(of: scratch / "tree")
        #expect(tree["hole"]?.extents == [])
        #expect(tree["hole-first"]?.extents == [63 << 20..<64 << 20])
        #expect(tree["hole-last"]?.extents == [0..<1 << 20])
        #expect(tree["islands"]?.extents.count == 256)
        #expect(tree.paths.dropFirst().allSatisfy { tree[$0]?.size == 64 << 20 })
    }

    @Test func deepTreesAreBeyondPathLimits() throws {
        let scratch = try Scratch()
        try Workload.deep(levels: 2_500, chains: 1).make(scratch / "tree")
        let tree = try TreeSnapshot(of: scratch / "tree")
        #expect(tree.count == 1 + 3 * 2_500)
    }
}
