import TestSupport
import Testing

/// Whole random trees: the same as `cp -a` and `rsync -aHAX` make of them, their losses aside.
@Suite struct PeerDifferentialTests {
    private static let seeds: [UInt64] =
        environment("SEED").flatMap { UInt64($0) }.map { [$0] } ?? [21, 22, .random(in: 23...1 << 40)]

    private let scratch: Scratch
    private var source: ByteString { scratch / "source" }

    init() throws { scratch = try Scratch() }

    private func build(_ seed: UInt64) throws {
        try RandomTree(seed: seed, shape: OrdinaryUser.isRoot ? .asRoot : .asUser).build(at: source)
    }

    @Test(arguments: seeds)
    func sameAsCopyArchive(seed: UInt64) throws {
        try build(seed)
        try Command.succeed(["cp", "-a", source, scratch / "theirs"])
        for options: [ByteString] in [["-R"], ["cp", "-a"], ["-aj1"], ["-Rj8", "--strategy=copy"]] {
            let copy = scratch / "ours"
            let result = try Repot.run(options + [source, copy])
            #expect(result.status == 0 && result.errorText == "", "SEED=\(seed) \(options)")
            #expect(try difference(scratch / "theirs", copy) == [], "SEED=\(seed) \(options)")
            try Command.succeed(["rm", "-rf", copy])
        }
    }

    /// rsync, without --sparse, fills holes.
    @Test(arguments: seeds)
    func sameAsRsync(seed: UInt64) throws {
        try build(seed)
        try Command.succeed(["rsync", "-aHAX", "--numeric-ids", source + "/", scratch / "theirs"])
        let result = try Repot.run(["-R", source, scratch / "ours"])
        #expect(result.status == 0 && result.errorText == "", "SEED=\(seed)")
        #expect(try difference(scratch / "theirs", scratch / "ours", ignoring: [.holes]) == [], "SEED=\(seed)")
    }

    @Test(arguments: seeds)
    func linksAsCopyArchiveLinkDoes(seed: UInt64) throws {
        try build(seed)
        try Command.succeed(["cp", "-al", source, scratch / "theirs"])
        let result = try Repot.run(["-Rl", source, scratch / "ours"])
        #expect(result.status == 0 && result.errorText == "", "SEED=\(seed)")
        #expect(try difference(scratch / "theirs", scratch / "ours") == [], "SEED=\(seed)")
    }
}
