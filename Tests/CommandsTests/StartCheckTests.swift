import TestSupport
import Testing

/// Warnings about images that cannot start.
@Suite struct StartCheckTests {
    private static let app = "/nix/store/00000000000000000000000000000001-app"

    private let scratch: Scratch

    /// The base has `/bin/sh` behind two symlinks, a hard link to it, a file without execute permission, a file that its
    /// second layer removes, and the user `app`.
    init() throws {
        scratch = try Scratch()
        try TreeBuilder.build(at: scratch.path) { tree in
            try tree.file("s\(ByteString(Self.app))/bin/app", .text("app\n"), Attributes(mode: 0o555))
            try tree.file("s\(ByteString(Self.app))/bin/broken", .text("app\n"), Attributes(mode: 0o444))
            try tree.symbolicLink("s\(ByteString(Self.app))/bin/loop", to: "loop")
            try tree.symbolicLink("s\(ByteString(Self.app))/bin/up", to: "../../../../bin/sh")
            try tree.file("s\(ByteString(Self.app))/etc/passwd", .text("web:x:1:1::/:/bin/sh\n"))
            try tree.file("list", .text("\(Self.app)\n"))
            try tree.file("root/usr/bin/dash", .text("sh\n"), Attributes(mode: 0o755))
            try tree.hardLink("root/usr/bin/ash", to: "root/usr/bin/dash")
            try tree.symbolicLink("root/usr/bin/sh", to: "dash")
            try tree.file("root/usr/bin/old", .text("old\n"), Attributes(mode: 0o755))
            try tree.file("root/usr/bin/text", .text("text\n"), Attributes(mode: 0o644))
            try tree.symbolicLink("root/bin", to: "usr/bin")
            try tree.file("root/etc/passwd", .text("root:x:0:0::/root:/bin/sh\napp:x:1:1::/:/bin/sh\n"))
            try tree.file("root/etc/group", .text("app:x:1:\n"))
            try tree.file("upper/usr/bin/.wh.old")
            try tree.file("config", .text(#"{"config":{"OnBuild":[]}}"#))
        }
        let script = """
            tar -C upper -cf upper.tar usr/bin/.wh.old
            lower=$(sha256sum <layer | cut -c 1-64) upper=$(sha256sum <upper.tar | cut -c 1-64)
            printf '{"architecture":"amd64","os":"linux","config":{"OnBuild":["RUN make"],"User":"nobody",
              "Env":["PATH=/bin:/nix/store"]},"rootfs":{"type":"layers","diff_ids":["sha256:%s","sha256:%s"]}}' \
              "$lower" "$upper" >config
            manifest "[$(blob $oci.layer.v1.tar layer),$(blob $oci.layer.v1.tar upper.tar)]"
            """
        let functions = ByteString(
            String(decoding: ForeignDocumentTests.functions.bytes, as: UTF8.self)
                .replacing("tar -C root -cf layer etc", with: "cp config settings; tar -C root -cf layer etc usr bin"))
        try Command.succeed(["bash", "-euc", functions + ByteString(script), "bash", scratch.path])
    }

    private static let onBase = ["--base", "oci:L:b", "--config", "settings"]
    private static let command = ["--entrypoint", "\(app)/bin/app"]

    /// Options and a part of the warning that they lead to; nil for none.
    private static let rows: [([String], String?)] = [
        (command, nil), (["--cmd", "\(app)/bin/app"], nil), ([], "the image has no command"),
        (["--entrypoint", "/bin/sh"], "the command '/bin/sh' is not in the image"),
        (["--entrypoint", "\(app)/bin/absent"], "bin/absent' is not in the image"),
        (["--entrypoint", "\(app)/bin/broken"], "bin/broken' is not executable"),
        (["--entrypoint", "\(app)/bin/loop"], "bin/loop' is not in the image"),
        (["--entrypoint", "\(app)/bin/app/deep"], "is not in the image"),
        (["--entrypoint", "\(app)/bin"], "is a directory"),
        (["--entrypoint", "\(app)/bin/app", "--prune", "**/bin/app"], "is not in the image"),
        (["--entrypoint", "app"], "the command 'app' is not in a directory of PATH"),
        (["--entrypoint", "app", "--env", "PATH=/bin:\(app)/bin"], nil),
        (["--entrypoint", "broken", "--env", "PATH=\(app)/bin"], "'broken' is not executable"),
        (["--entrypoint", "app", "--symlink", "/usr/bin/app=s\(app)/bin/app"], nil),
        (["--entrypoint", "bin/app", "--workdir", app], nil), (["--entrypoint", "./bin/app"], nil),
        (["--entrypoint", "/bin/app", "--profile", "s\(app)"], nil), (["--entrypoint", "/proc/self/exe"], nil),
        (["--user", "web"] + command, "the user 'web' is not in '/etc/passwd' of the image"),
        (["--user", "web", "--skeleton"] + command, "the user 'web'"),
        (["--user", "nobody", "--skeleton"] + command, nil),
        (["--user", "web", "--symlink", "/etc/passwd=s\(app)/etc/passwd"] + command, nil),
        (["--user", "1000:100"] + command, nil),
        (["--user", "0:web", "--skeleton"] + command, "the group 'web' is not in '/etc/group'"),
    ]

    private static let baseRows: [([String], String?)] = [
        (["--entrypoint", "/bin/sh"], nil), (["--entrypoint", "sh"], nil), (["--entrypoint", "/usr/bin/ash"], nil),
        (["--entrypoint", "\(app)/bin/up"], nil), (["--cmd", #"["sh","-c","x"]"#], nil),
        (["--entrypoint", "/bin/old"], "the command '/bin/old' is not in the image"),
        (["--entrypoint", "/bin/text"], "'/bin/text' is not executable"),
        (["--entrypoint", "/usr/bin/absent"], "is not in the image"), ([], "the image has no command"),
        (["--user", "app:app"] + command, nil), (["--user", "web"] + command, "the user 'web'"),
        (["--skeleton"] + command, nil),
    ]

    private func run(_ arguments: [String]) throws -> CommandResult {
        // The words after './' are looked up from the working directory.
        let words = arguments.map { $0 == "./bin/app" ? "./s\(Self.app)/bin/app" : $0 }
        return try Repot.run(
            ["image", "--cache", "none", "--arch", "amd64", "--store-root", "s", "--closure", "list", "-o", "oci:o:t"]
                + words.map { ByteString($0) }, directory: scratch.path)
    }

    private static func warnings(_ result: CommandResult) -> [String] {
        result.errorText.split(separator: "\n").filter { $0.hasPrefix("repot: warning: ") }.map(String.init)
    }

    @Test(
        "an image that cannot start leads to one warning, and no other image leads to any",
        arguments: rows + baseRows.map { (onBase + $0, $1) })
    func isWarnedOf(_ arguments: [String], _ message: String?) throws {
        let result = try run(arguments)
        let warnings = Self.warnings(result)
        #expect(result.status == 0, "\(result.errorText)")
        #expect(warnings.count == (message == nil ? 0 : 1), "\(warnings)")
        if let message { #expect(warnings.allSatisfy { $0.contains(message) }, "\(warnings)") }
        #expect(try Self.warnings(run(arguments + ["-q"])) == [])
    }

    @Test("ONBUILD triggers of the base lead to a warning unless they are cleared")
    func triggers() throws {
        let kept = try run(["--base", "oci:L:b"] + Self.command)
        #expect(Self.warnings(kept).count == 1 && kept.errorText.contains("'RUN make'"), "\(kept.errorText)")
        #expect(Self.warnings(try run(Self.onBase + Self.command)) == [])
    }

    @Test("docker-build warns of a generated Dockerfile as image does, and not of one of the user")
    func dockerfiles() throws {
        try TreeBuilder.build(at: scratch.path) { tree in
            try tree.file("builder", .text("#!/bin/sh\ncat >/dev/null\n"), Attributes(mode: 0o755))
            try tree.file("Dockerfile", .text("FROM scratch\n"))
        }
        let build: [ByteString] = ["docker-build", "--builder", "./builder", "--store-root", "s", "--closure", "list"]
        let bad = try Repot.run(build + ["--entrypoint", "/x"], directory: scratch.path)
        #expect(bad.status == 0 && bad.errorText.contains("warning: the command '/x' is not in the image"))
        let file = try Repot.run(build + ["--file", "Dockerfile"], directory: scratch.path)
        #expect(file.status == 0 && file.errorText == "", "\(file.errorText)")
    }
}
