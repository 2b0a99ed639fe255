import Inputs
import TestSupport
import Testing

@testable import Comparison

@Suite struct ResultCheckTests {
    private static let tree = Workload(description: "", files: 4, entries: 6, footprint: 1 << 20) { path in
        try TreeBuilder.build(at: path) { tree in
            try tree.file("single", .text("text"))
            try tree.file("folder/first", .text("text"))
            try tree.hardLink("folder/second", to: "folder/first")
            try tree.file("empty", .empty)
        }
    }

    /// What is found in a copy that `cp` made with this option, when it should share inodes.
    private func losses(_ option: ByteString) throws -> [Loss] {
        let scratch = try Scratch()
        try Self.tree.make(scratch / "source")
        let check = try ResultCheck(Self.tree, at: scratch / "source")
        try Command.succeed(["cp", option, scratch / "source", scratch / "copy"])
        return try check.losses(in: scratch / "copy", by: .links)
    }

    @Test func linksToTheSourceShare() throws {
        #expect(try losses("-al").isEmpty)
    }

    @Test func namesOfACopyThatAreLinkedWithEachOtherOnlyShareNothing() throws {
        let losses = try losses("-a")
        #expect(losses.map(\.what) == ["sharing"])
        #expect(losses.map(\.count) == [3])
    }
}
