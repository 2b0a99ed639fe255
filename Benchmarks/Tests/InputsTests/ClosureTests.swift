import TestSupport
import Testing

@testable import Inputs

/// With the cache of the benchmarks, so that only the first run builds.
@Suite(
    .enabled("needs root, mounts, and Debian with nix-bin") { ClosureCache.obstacle() == nil },
    .serialized)
struct ClosureTests {
    private let cache = ClosureCache()

    @Test func laidStoreIsTheClosure() throws {
        let workload = Workload.closure(try cache.closure(.seed))
        let closure = try #require(workload.closure)
        let scratch = try Scratch()
        try workload.make(scratch / "root")
        let nix = PrivateNix(root: scratch / "root")

        #expect(try nix.run(["nix-store", "--query", "--requisites", closure.root]).sorted() == closure.paths)
        try nix.run(["nix-store", "--verify-path"] + closure.paths)
        let content = try TreeContent(of: workload.subject(at: scratch / "root"))
        #expect(content.files == workload.files && content.entries == workload.entries)
    }

    @Test func storeIsValidAtAnyPlace() throws {
        let workload = Workload.closure(try cache.closure(.seed))
        let closure = try #require(workload.closure)
        let scratch = try Scratch()
        try workload.make(scratch / "root")
        let query: [ByteString] = ["nix-store", "--store", "local?root=" + scratch.path / "root", "--query", "--hash"]
        let hash = try Command.run(query + [closure.root], environment: PrivateNix.environment)
        let path = scratch / "root" / closure.root
        let dump = try Command.run(["nix-hash", "--type", "sha256", "--base32", path])
        #expect(hash.outputText == "sha256:" + dump.outputText)
    }

    @Test func secondTimeItIsThere() throws {
        let first = try cache.closure(.seed)
        let before = try age(of: first.archive)
        let second = try cache.closure(.seed)
        #expect(second.archive == first.archive)
        #expect(try age(of: second.archive) == before)
        #expect(first.closure.paths == second.closure.paths)
    }

    private func age(of path: ByteString) throws -> String {
        try Command.succeed(["stat", "-c", "%i %z", path]).outputText
    }
}
