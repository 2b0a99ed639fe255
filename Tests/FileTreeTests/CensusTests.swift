import FileTree
import Synchronization
import SystemCalls
import TestSupport
import Testing

@Suite(.serialized) struct CensusTests {
    private func count(_ paths: [ByteString]) -> Int? {
        let census = Census(paths.map { Path($0.bytes) })
        census.count()
        return census.total
    }

    @Test func countsEveryEntryAndFollowsNothing() throws {
        let scratch = try Scratch()
        try TreeBuilder.build(at: scratch / "tree") { tree in
            for number in 0..<500 { try tree.file("many/\(number)") }
            try tree.symbolicLink("up", to: "..")
            try tree.directory("empty")
        }
        #expect(count([scratch / "tree"]) == 504)
        #expect(count([scratch / "tree/many/1", scratch / "tree/empty"]) == 2)
        #expect(count([scratch / "tree/up"]) == 1)
        #expect(count([]) == 0)
    }

    @Test func knowsNothingUntilItIsDone() {
        let census = Census(["/"])
        #expect(census.total == nil)
        census.cancel()
        census.count()
        #expect(census.total == nil)
    }

    /// What it cannot open, the copy will complain about.
    @Test func goesOnWhereAFolderCannotBeRead() throws {
        let scratch = try Scratch()
        try TreeBuilder.build(at: scratch / "tree") { try $0.file("a/b") }
        let total = Faults.during({ number, _ in number == 1 ? .accessDenied : nil }) { count([scratch / "tree"]) }.0
        #expect(total == 1)
        #expect(count([scratch / "nothing"]) == 1)
    }

    /// It runs beside the copy, which needs the descriptors more.
    @Test func holdsFewDescriptorsInDeepTrees() throws {
        let scratch = try Scratch()
        try DeepTree(levels: 300, nameLength: 5).build(at: scratch.path)
        let before = try DescriptorCount.now()
        let most = Mutex(0)
        _ = Faults.during({ _, _ in
            let now = (try? DescriptorCount.now()) ?? 0
            most.withLock { $0 = max($0, now) }
            return nil
        }) { count([scratch.path]) }
        #expect(most.withLock { $0 } < before + 80)
        #expect(try DescriptorCount.now() == before)
    }
}
