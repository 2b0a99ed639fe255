import Inputs
import TestSupport
import Testing

@testable import Comparison

@Suite struct SeriesTests {
    private static let attributes = Attributes(modified: Timestamp(seconds: 1))

    /// Some files of all kinds, none of them readable by everybody only.
    private static let tree = Workload(description: "a few files", files: 3, entries: 6, footprint: 1 << 20) { path in
        try TreeBuilder.build(at: path) { tree in
            tree.root(attributes)
            try tree.directory("folder", attributes)
            try tree.file("folder/file", .pattern(size: 5000), attributes)
            try tree.file("folder/empty", .empty, attributes)
            try tree.hardLink("folder/link", to: "folder/file")
            try tree.symbolicLink("symlink", to: "folder/file", attributes)
        }
    }

    private func run(
        _ contenders: [Contender], _ workload: Workload = Self.tree, rounds: Int = 1, turns: Case.Turns = .shuffled
    ) throws -> CaseResult {
        let job = Case(
            "trial", on: .ext4, workload, contenders, rounds: rounds, roundsPerArena: rounds, turns: turns)
        var random = SplitMix64(seed: 1)
        var series = try Series(job, in: Workshop(mayMount: false))
        return try series.run(&random)
    }

    @Test func everyInstalledPeerCopiesOnce() throws {
        let peers: [Contender] = [
            .archive, .plain, .links, .rsync, .tar, .cpio, .uutils, .ostree, .rclone, .nix,
        ]
        let result = try run(peers.filter(\.tool.isThere))
        for performance in result.performances where !performance.contender.needsClosure {
            #expect(performance.standing == .running, "\(performance.contender.name)")
            #expect(performance.seconds.count == 1)
            #expect(!performance.losses.contains { ["all", "entries", "content"].contains($0.what) })
        }
        #expect(result.performances[0].word == "equal")
        let plain = try #require(result.performances.first { $0.contender.name == "cp -R" })
        #expect(plain.losses.map(\.what) == ["links", "times", "folders' times", "symlinks' times"])
        let nix = result.performances.first { $0.contender.needsClosure }
        #expect(nix.map { $0.word == "left out: it copies closures only" } ?? true)
    }

    @Test(.enabled(if: Contender.nix.tool.isThere && OrdinaryUser.isRoot))
    func nixCopiesAClosure() throws {
        let scratch = try Scratch()
        try Self.tree.make(scratch / "tree")
        let root = scratch / "root"
        let words: [ByteString] = ["nix-store", "--store", "local?root=" + root, "--add", scratch / "tree"]
        var environment = Command.inheritedEnvironment
        environment["NIX_CONFIG"] = "build-users-group ="
        let added = try Command.run(words, environment: environment)
        let path = ByteString(String(added.outputText.prefix { $0 != "\n" }))
        let workload = Workload(
            description: "a closure", files: 3, entries: 6, footprint: 1 << 20, subject: "nix/store",
            closure: Workload.Closure(root: path, paths: [path])
        ) { try Command.succeed(["cp", "-a", root, $0]) }

        let result = try run([.archive, .nix], workload)
        #expect(result.performances.map(\.word) == ["equal", "equal"])
    }

    @Test func everyRoundHasATimeAndAPeak() throws {
        let result = try run([.archive, .plain], rounds: 3)
        #expect(result.performances.allSatisfy { $0.seconds.count == 3 && $0.peakBytes.count == 3 })
    }

    @Test func onTopIsWhereTheOthersWere() throws {
        let make = Contender("make", Tool("mkdir"), result: nil) { ["mkdir", $0.destination] }
        let remove = Contender("remove", Tool("rmdir"), result: nil) { ["rmdir", $0.destination] }
        let result = try run([remove, make], rounds: 2, turns: .repotOnTop)
        #expect(result.performances.allSatisfy { $0.standing == .running && $0.seconds.count == 2 })
    }

    @Test func aPeerThatComplainsIsShownWithItsComplaint() throws {
        let failing = Contender.pipeline("failing", "echo 'no room' >&2; false | true", Tool("bash"))
        let result = try run([.archive, failing])
        #expect(result.performances[1].word == "failed: exit status 1, no room")
        #expect(result.ratios(to: result.performances[1]).isEmpty)
    }

    @Test func aPeerThatMakesNothingHasLostAll() throws {
        let idle = Contender("idle", Tool("true")) { _ in ["true"] }
        #expect(try run([.archive, idle]).performances[1].word == "lost: all")
    }
}
