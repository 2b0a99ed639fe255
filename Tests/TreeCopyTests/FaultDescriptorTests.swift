import Glibc
import SystemCalls
import TestSupport
import Testing
import TreeCopy

/// Trees that are deeper than a process may have descriptors.
@Suite(.serialized) struct FaultDescriptorTests {
    /// Each level has siblings that wait for their turn while the walk goes down one of them.
    /// One worker, since a second one would take them.
    @Test(arguments: [Publication.inPlace, .whole]) func siblingsOnTheWayDown(_ publication: Publication) throws {
        let scratch = try Scratch()
        try TreeBuilder.build(at: scratch / "to") { _ in }
        var path: ByteString = "tree"
        let names: [ByteString] = ["m", "b", "c", "x", "y", "z"]
        for level in 0..<130 {
            try TreeBuilder.build(at: scratch / path) { tree in
                for name in names { try tree.directory(name) }
                try tree.file("file", .text("f"))
            }
            // Any of them, for the order in which a folder lists its entries is its own affair.
            path = path / names[level % names.count]
        }
        let before = try DescriptorCount.now()
        let report = withDescriptorLimit(before + 90) {
            copyTree(scratch / "tree", to: scratch / "to/tree", publication: publication) { $0.workers = 1 }
        }
        #expect(report.errors.prefix(3) == [])
        #expect(try DescriptorCount.now() == before)
        #expect(try difference(scratch / "tree", scratch / "to/tree") == [])
    }
}

/// Lowers the soft limit of open descriptors for a while.
func withDescriptorLimit<R>(_ limit: Int, _ body: () throws -> R) rethrows -> R {
    var before = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &before)
    var lower = before
    lower.rlim_cur = rlim_t(limit)
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &lower)
    defer { setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &before) }
    return try body()
}
