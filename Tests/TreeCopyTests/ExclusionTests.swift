import SystemCalls
import TestSupport
import Testing
import TreeCopy

/// Entries that are left out, with all below them.
@Suite struct ExclusionTests {
    @Test(arguments: [true, false]) func onlyTheseAreLeftOut(_ isOrdered: Bool) throws {
        let scratch = try Scratch()
        try TreeBuilder.build(at: scratch / "tree") { tree in
            for number in 0..<200 { try tree.file("many/\(number)") }
            try tree.file("folder/below/file")
            try tree.file("folder/other")
            try tree.file("below/file")
            try tree.directory("to")
        }
        var root = CopyRoot(
            source: Path((scratch / "tree").bytes), directory: Path(scratch.path.bytes), name: "copy",
            publication: .whole)
        root.excluded = ["folder/below", "many/7", "file", "to"]
        var request = CopyRequest(roots: [root], options: CopyOptions())
        request.isOrdered = isOrdered
        #expect(CopyEngine(request).copy().errors == [])
        let lines = TreeSnapshot.difference(
            try TreeSnapshot(of: scratch / "tree"), try TreeSnapshot(of: scratch / "copy"))
        // A folder stands for all below it.
        #expect(lines.map { String($0.prefix { $0 != ":" }) }.sorted() == ["folder/below", "many/7", "to"])
    }
}
