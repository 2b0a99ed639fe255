import TestSupport
import Testing

/// Arguments in which a combining character follows a separator: both are one character in Swift.
@Suite struct ByteTextTests {
    private let scratch: Scratch
    private static let path = "/nix/store/00000000000000000000000000000001-app"
    private static let options: [ByteString] = [
        "--env", "A=\u{301}", "--label", "B=\u{301}", "--volume", "/\u{301}v", "--workdir", "/\u{301}w",
        "--entrypoint", "[\"/\u{301}e\"]",
    ]

    init() throws {
        scratch = try Scratch()
        try TreeBuilder.build(at: scratch.path) { tree in
            try tree.file("s\(ByteString(Self.path))", .text("app\n"))
            try tree.symbolicLink("result", to: ByteString(Self.path))
            try tree.file("list", .text("\(Self.path)\n"))
            try tree.file(
                "builder", .text("#!/bin/sh\ntar -xOf - Dockerfile\n"), Attributes(mode: 0o755))
        }
    }

    private func run(_ arguments: [ByteString]) throws -> CommandResult {
        try Repot.run(
            [arguments[0]] + ["--store-root", "s", "--closure", "list"] + arguments.dropFirst(),
            directory: scratch.path)
    }

    @Test("image splits arguments at the byte of a separator")
    func inImages() throws {
        let image = try run(["image", "-q", "--no-cache", "-o", "oci:\u{301}o:t"] + Self.options)
        #expect(image.status == 0, "\(image.errorText)")
        let config = try Command.succeed([
            "sh", "-c", "cat \"$1\"/blobs/sha256/* | grep -a -o '\"config\":{\"Entry.*'", "sh", scratch / "\u{301}o",
        ])
        let expected = """
            "config":{"Entrypoint":["/\u{301}e"],"Env":["A=\u{301}"],"Labels":{"B":"\u{301}"},\
            "Volumes":{"/\u{301}v":{}},"WorkingDir":"/\u{301}w"}
            """
        #expect(config.output.starts(with: expected.utf8), "\(config.outputText)")
    }

    @Test("docker-build splits arguments at the byte of a separator")
    func inDockerfiles() throws {
        let build = try run(
            ["docker-build", "--builder", scratch / "builder", "--symlink", "l=\u{301}"] + Self.options)
        #expect(build.status != 0 && !build.errorText.contains("takes PATH=TARGET"), "\(build.errorText)")
        let built = try run(["docker-build", "--builder", scratch / "builder"] + Self.options)
        let lines = built.outputText.split(separator: "\n").map { Array($0.utf8) }
        for line in ["ENV \"A\"=\"\u{301}\"", "LABEL \"B\"=\"\u{301}\"", "VOLUME [\"/\u{301}v\"]"] {
            #expect(lines.contains(Array(line.utf8)), "\(built.outputText)\(built.errorText)")
        }
    }

    @Test(
        "a malformed argument with a combining character, or with a letter that looks like another, is a usage error",
        arguments: [
            ["--env", "=\u{301}"], ["--label", "=\u{301}x=y"], ["--stop-signal", "SIG\u{212a}ILL"],
            ["--entrypoint", "[\u{301}"], ["--expose", "80/\u{301}tcp"], ["--expose", "80\u{301}"],
        ] as [[ByteString]])
    func refuses(_ option: [ByteString]) throws {
        let result = try run(["image", "-q", "--no-cache", "-o", "oci:o:t"] + option)
        #expect(result.status == 64, "\(result.errorText)")
    }
}
