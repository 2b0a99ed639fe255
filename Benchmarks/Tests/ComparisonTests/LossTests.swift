import TestSupport
import Testing

@testable import Comparison

@Suite struct LossTests {
    private func losses(
        isStore: Bool = false, _ source: (TreeBuilder) throws -> Void, _ copy: (TreeBuilder) throws -> Void
    ) throws -> [Loss] {
        let trees = [try snapshot(source), try snapshot(copy)]
        return Loss.between(trees[0], trees[1], isStore: isStore)
    }

    private func snapshot(_ make: (TreeBuilder) throws -> Void) throws -> TreeSnapshot {
        let scratch = try Scratch()
        try TreeBuilder.build(at: scratch / "tree") { tree in
            tree.root(Attributes(modified: Timestamp(seconds: 1)))
            try make(tree)
        }
        return try TreeSnapshot(of: scratch / "tree")
    }

    private func file(_ tree: TreeBuilder, _ name: ByteString, mode: UInt16 = 0o644, seconds: Int = 1) throws {
        try tree.file(name, .text("text"), Attributes(mode: mode, modified: Timestamp(seconds: seconds)))
    }

    @Test func equalTreesLoseNothing() throws {
        let losses = try losses({ try file($0, "a") }, { try file($0, "a") })
        #expect(losses.isEmpty)
    }

    @Test func aspectsAreToldApart() throws {
        let losses = try losses(
            {
                try file($0, "a", mode: 0o600)
                try file($0, "b", seconds: 2)
            },
            {
                try file($0, "a")
                try file($0, "b", seconds: 3)
            })
        #expect(losses.map(\.what) == ["modes", "times"])
        #expect(losses.map(\.count) == [1, 1])
        #expect(losses.first?.example == "a: mode 0600 != 0644")
    }

    @Test func timesOfFoldersAndSymlinksHaveNamesOfTheirOwn() throws {
        func tree(_ seconds: Int) -> (TreeBuilder) throws -> Void {
            { tree in
                try tree.directory("d", Attributes(modified: Timestamp(seconds: seconds)))
                try tree.symbolicLink("s", to: "d", Attributes(modified: Timestamp(seconds: seconds)))
            }
        }
        #expect(try losses(tree(1), tree(2)).map(\.what) == ["folders' times", "symlinks' times"])
    }

    @Test func whatIsMissingAndWhatIsOtherAreToldApart() throws {
        let losses = try losses(
            {
                try file($0, "gone")
                try file($0, "other")
            },
            { tree in
                let attributes = Attributes(mode: 0o644, modified: Timestamp(seconds: 1))
                try tree.file("other", .text("TEXT"), attributes)
                try file(tree, "new")
            })
        #expect(losses.map(\.what) == ["entries", "extra entries", "content"])
    }

    @Test func linksThatAreNoneAreFound() throws {
        let losses = try losses(
            {
                try file($0, "a")
                try $0.hardLink("b", to: "a")
            },
            {
                try file($0, "a")
                try file($0, "b")
            })
        #expect(losses.map(\.what) == ["links"])
    }

    @Test func ofAStoreOnlyThePathsCount() throws {
        let losses = try losses(
            isStore: true, { try $0.directory(".links") }, { $0.root(Attributes(modified: Timestamp(seconds: 9))) })
        #expect(losses.isEmpty)
    }

    @Test func mergingKeepsTheLargestCount() throws {
        var losses = [try #require(Loss("times", ["a"]))]
        Loss.merge(&losses, [try #require(Loss("times", ["b", "c"])), try #require(Loss("modes", ["d"]))])
        #expect(losses.map(\.what) == ["times", "modes"])
        #expect(losses.map(\.count) == [2, 1])
    }
}
