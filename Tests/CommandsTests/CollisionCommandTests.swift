import TestSupport
import Testing

/// Profiles with different files of one name, in all commands that add profiles.
@Suite struct CollisionCommandTests {
    private static let profiles = ["a", "b"].map { "/nix/store/\(String(repeating: $0, count: 32))-\($0)" }
    private let fixture: ClosureFixture

    init() throws {
        fixture = try ClosureFixture()
        try TreeBuilder.build(at: fixture.scratch / "profiles") { tree in
            for profile in Self.profiles {
                try tree.file(ByteString(profile) / "bin/x", .text(profile))
                try tree.file(ByteString(profile) / "bin/\(profile.suffix(1))", .text(profile))
            }
        }
    }

    private func run(_ command: ClosureReader, _ options: [String]) throws -> CommandResult {
        let words = ["--store-root", "profiles", "--closure-from", "scan"] + options
        return try Command.run(
            ["bash", "-c", command.script, Repot.path] + words.map { ByteString($0) }, directory: fixture.scratch.path)
    }

    @Test(
        "every command refuses profiles that differ, and names the option that orders them",
        arguments: ClosureReader.withProfiles)
    func collision(_ command: ClosureReader) throws {
        let options = Self.profiles.flatMap { ["--profile", $0] }
        let refused = try run(command, options)
        #expect(refused.status == 1 && refused.errorText.contains("'/bin/x' is different in"), "\(refused.errorText)")
        #expect(refused.errorText.contains("--ignore-collisions"))
        let ordered = try run(command, options + ["--ignore-collisions"])
        #expect(ordered.status == 0, "\(ordered.errorText)")
    }

    @Test("the order of the --profile options decides")
    func order() throws {
        for order in [Self.profiles, Self.profiles.reversed()] {
            let options = order.flatMap { ["--profile", $0] }
            try #require(try run(.stage, options + ["--ignore-collisions"]).status == 0)
            let target = try Command.succeed(["readlink", fixture.scratch / "out/bin/x"]).outputText
            #expect(target == "\(order[0])/bin/x\n")
            try Command.succeed(["rm", "-rf", fixture.scratch / "out"])
        }
    }

    @Test("--ignore-collisions without --profile is a usage error", arguments: ClosureReader.withProfiles)
    func withoutProfile(_ command: ClosureReader) throws {
        let result = try run(command, [Self.profiles[0], "--ignore-collisions"])
        #expect(result.status == 64 && result.errorText.contains("--profile"), "\(result.errorText)")
    }

    @Test("verify reports a path with an unknown hash as a note, with exit status 0 and as JSON")
    func uncheckedPath() throws {
        let path = Self.profiles[0]
        try #require(try run(.stage, [path]).status == 0)
        try TreeBuilder.build(at: fixture.scratch / "out") { tree in
            try tree.file("nix-path-registration", .text("\(path)\n\(String(repeating: "0", count: 64))\n0\n\n0\n"))
        }
        try Command.succeed(
            ["bash", "-c", "find out/nix/store/* -exec chmod a-w {} + -exec touch -d @1 {} +"],
            directory: fixture.scratch.path)
        let result = try Repot.run(
            ["verify", "--json", "--store-root", "none", "out"], directory: fixture.scratch.path)
        #expect(result.status == 0, "\(result.errorText)")
        #expect(result.errorText.contains("repot: note: the content of '\(path)' is not checked"))
        #expect(result.outputText.contains("\"unchecked\":[\"\(path)\"]"), "\(result.outputText)")
    }
}
