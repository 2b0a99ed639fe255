import TestSupport
import Testing

/// Null hashes and sizes of 0, as databases of old installers have them.
@Suite struct UnknownHashTests {
    private static let path = "/nix/store/00000000000000000000000000000001-big"
    private static let null = String(repeating: "0", count: 64)

    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        let base64 = String(repeating: "A", count: 43)
        try TreeBuilder.build(at: scratch.path) { tree in
            try tree.file(
                "root\(ByteString(Self.path))", .pattern(size: 300_000),
                Attributes(mode: 0o444, modified: Timestamp(seconds: 1)))
            try tree.file("registration", .text("\(Self.path)\n\(Self.null)\n0\n\n0\n"))
            try tree.file("list", .text("\(Self.path)\n"))
            try tree.file(
                "object",
                .text("{\"\(Self.path)\":{\"narHash\":\"sha256-\(base64)=\",\"narSize\":0,\"references\":[]}}"))
            try tree.directory("root/nix/var/nix/db")
        }
        let script: ByteString = """
            import sqlite3, sys
            c = sqlite3.connect("root/nix/var/nix/db/db.sqlite")
            c.execute("CREATE TABLE ValidPaths (id integer primary key, path text, hash text, deriver text, narSize integer)")
            c.execute("CREATE TABLE Refs (referrer integer, reference integer)")
            c.execute("INSERT INTO ValidPaths VALUES (1, ?, ?, null, 0)", (sys.argv[1], "sha256:" + sys.argv[2]))
            c.commit()
            """
        try Command.succeed(
            ["python3", "-c", script, ByteString(Self.path), ByteString(Self.null)], directory: scratch.path)
    }

    private static let sources: [[ByteString]] = [
        ["--closure", "registration"], ["--closure", "object"], ["--closure", "list"],
        ["--closure-from", "database", ByteString(path)], ["--closure-from", "scan", ByteString(path)],
    ]

    private func run(_ arguments: [ByteString]) throws -> CommandResult {
        try Repot.run(arguments + ["--store-root", "root"], directory: scratch.path)
    }

    @Test("limits and sizes include a path whose size is unknown, from every source", arguments: sources)
    func sizes(_ source: [ByteString]) throws {
        let limited = try run(["closure", "--max-size", "100K"] + source)
        #expect(
            limited.status == 1 && limited.errorText.contains("the closure takes 293.1 KiB"), "\(limited.errorText)")
        #expect(try run(["closure", "--json"] + source).outputText.contains("\"narSize\":300112,\"paths\""))
    }

    @Test("a registration has the computed hash, from every source", arguments: sources)
    func registration(_ source: [ByteString]) throws {
        try #require(try run(["stage", "-q", "--registration"] + source + ["out"]).status == 0)
        let written = try Command.succeed(["cat", "out/nix-path-registration"], directory: scratch.path).outputText
        #expect(!written.contains(Self.null) && written.contains("\n300112\n"), "\(written)")
        let verified = try run(["verify", "out"])
        #expect(verified.status == 0, "\(verified.errorText)")
    }

    @Test("verify finds no damage in a path whose hash is unknown", arguments: sources)
    func verification(_ source: [ByteString]) throws {
        try #require(try run(["stage", "-q"] + source + ["out"]).status == 0)
        let verified = try run(["verify", "out"] + source.filter { $0 != ByteString(Self.path) })
        #expect(verified.status == 0, "\(verified.errorText)")
    }

    @Test("verify computes unknown hashes for an image from the store", arguments: sources.prefix(3))
    func images(_ source: [ByteString]) throws {
        try #require(try run(["image", "-q", "--no-cache", "-o", "oci:image"] + source).status == 0)
        let intact = try run(["verify", "oci:image"] + source)
        #expect(intact.status == 0 && !intact.errorText.contains("not checked"), "\(intact.errorText)")
        try Command.succeed(["sh", "-c", ByteString("echo more >>root\(Self.path)")], directory: scratch.path)
        let altered = try run(["verify", "oci:image"] + source)
        #expect(altered.status == 1 && altered.errorText.contains("is altered: its hash is"), "\(altered.errorText)")
        try Command.succeed(["rm", ByteString("root\(Self.path)")], directory: scratch.path)
        let absent = try run(["verify", "oci:image"] + source)
        #expect(absent.status == 0 && absent.errorText.contains("1 path not checked"), "\(absent.errorText)")
    }
}
