import TestSupport
import Testing

/// Operands that lead into the store: ROOT, `--why`, `--diff`, `--profile` and the target of `--symlink`.
@Suite struct ClosureOperandTests {
    private static let profile = ClosureFixture.path("profile")
    private let fixture: ClosureFixture

    /// A store with a profile, in which `bin/app` is a symlink into another store path.
    init() throws {
        fixture = try ClosureFixture()
        try TreeBuilder.build(at: fixture.scratch.path) { tree in
            let profile = "root\(ByteString(Self.profile))" as ByteString
            try tree.symbolicLink(profile + "/bin/app", to: ByteString("\(ClosureFixture.path("app"))/bin/app"))
            try tree.symbolicLink(profile + "/bin/alias", to: "app")
            try tree.symbolicLink(profile + "/sw", to: ByteString(ClosureFixture.path("other")))
            try tree.file(profile + "/kernel", .text("kernel"))
            try tree.symbolicLink("root/run/current", to: ByteString(Self.profile))
        }
    }

    private func names(_ command: ClosureReader, _ arguments: [String]) throws -> [String] {
        let result = try fixture.run(command, arguments)
        #expect(result.status == 0, "\(result.errorText)")
        let profile = result.outputText.contains(ClosureFixture.baseName("profile")) ? ["profile"] : []
        return ClosureFixture.names(in: result) + profile
    }

    /// An operand and the closure that it means.
    private static let operands: [(String, [String])] = [
        ("root/run/current/bin/app", ["app", "lib"]), ("root/run/current/bin/alias", ["app", "lib"]),
        ("root/run/current/bin/app/", ["app", "lib"]), ("root/run/current/sw", ["other"]),
        ("root/run/current", ["app", "lib", "other", "profile"]),
        ("root/run/current/kernel", ["app", "lib", "other", "profile"]),
        ("root/run/current/bin", ["app", "lib", "other", "profile"]),
        ("\(profile)/bin/app", ["app", "lib", "other", "profile"]),
        ("root\(profile)/bin/app", ["app", "lib", "other", "profile"]),
    ]

    @Test(
        "a ROOT that is a link in a profile means the store path that it leads to",
        arguments: ClosureReader.withRoots, operands)
    func roots(_ command: ClosureReader, _ row: (operand: String, names: [String])) throws {
        #expect(try names(command, [row.operand]) == row.names)
    }

    @Test("a ROOT selects the same closure from a document", arguments: ClosureReader.withRoots)
    func rootsOfDocuments(_ command: ClosureReader) throws {
        let records: KeyValuePairs = ["app": ["lib"], "lib": [], "other": [], "profile": ["app", "other"]]
        try fixture.write("document", DocumentForm.object.text(records))
        #expect(try names(command, ["--closure", "document", "root/run/current/bin/app"]) == ["app", "lib"])
    }

    @Test(
        "a profile that is a link in a profile means the store path that it leads to",
        arguments: ClosureReader.withProfiles)
    func profiles(_ command: ClosureReader) throws {
        #expect(try names(command, ["--profile", "root/run/current/sw"]) == ["other"])
    }

    @Test("the target of --symlink leads through the profile", arguments: ["app", "alias"])
    func symlinks(_ name: String) throws {
        let link = "/bin/app=root/run/current/bin/\(name)"
        #expect(try names(.stage, ["--symlink", link, "root/run/current"]).last == "profile")
        let target = try Command.succeed(["readlink", "out/bin/app"], directory: fixture.scratch.path).outputText
        #expect(target == "\(Self.profile)/bin/\(name)\n")
    }

    @Test("the target of --symlink and the entrypoint lead to the closure if it does not have the profile")
    func linksWithoutProfile() throws {
        let operand = "./root/run/current/bin/app"
        let target = "\(ClosureFixture.path("app"))/bin/app"
        #expect(try names(.stage, ["--symlink", "/bin/app=\(operand)", operand]) == ["app", "lib"])
        #expect(
            try Command.succeed(["readlink", "out/bin/app"], directory: fixture.scratch.path).outputText
                == "\(target)\n")
        #expect(try names(.dockerBuild, ["--entrypoint", operand, operand]) == ["app", "lib"])
        let file = try Command.succeed(["tar", "-xOf", "context", "Dockerfile"], directory: fixture.scratch.path)
        #expect(file.outputText.contains("ENTRYPOINT [\"\(target)\"]"), "\(file.outputText)")
        let refused = try fixture.run(.stage, ["--symlink", "/bin/app=\(operand)", ClosureFixture.path("other")])
        #expect(refused.errorText.contains("'\(Self.profile)' does not belong to the closure"))
    }

    private func closure(_ arguments: [String]) throws -> CommandResult { try fixture.run(.closure, arguments) }

    @Test("--why and --diff resolve operands as ROOT is resolved")
    func comparisons() throws {
        let why = try closure(["--why", "root/run/current/bin/app", "root/run/current"])
        #expect(why.outputText == "\(Self.profile)\n  bin/app\n\(ClosureFixture.path("app"))\n", "\(why.errorText)")
        let diff = try closure(["--diff", "root/run/current/bin/app", ClosureFixture.path("app")])
        #expect(diff.outputText == "the closures have the same paths\n", "\(diff.errorText)")
        let outside = try closure(["--why", "root/run/current/bin/app", ClosureFixture.path("other")])
        #expect(outside.status == 1)
        #expect(outside.errorText.contains("'\(ClosureFixture.path("app"))' does not belong to the closure"))
    }

    @Test("--why takes the name of a package, also beside a file of that name")
    func packages() throws {
        try fixture.write("lib", "a file outside the store")
        let result = try closure(["--why", "lib", "root/run/current/bin/app"])
        #expect(result.outputText == "\(ClosureFixture.path("app"))\n  bin/app\n\(ClosureFixture.path("lib"))\n")
        let unknown = try closure(["--why", "nothing", ClosureFixture.path("app")])
        #expect(unknown.status == 1 && unknown.errorText.contains("'nothing' is neither a package of the closure nor"))
    }

    @Test("--why refuses the name of several store paths and lists them; a version selects one of them")
    func ambiguousPackages() throws {
        let paths = ["1", "2"].map { "/nix/store/\(String(repeating: $0, count: 32))-tool-\($0).0" }
        try TreeBuilder.build(at: fixture.scratch.path) { tree in
            for path in paths { try tree.file("root\(ByteString(path))", .text("")) }
        }
        let ambiguous = try closure(["--why", "tool"] + paths)
        #expect(ambiguous.status == 1)
        #expect(ambiguous.errorText.contains("'tool' is the name of 2 store paths of the closure"))
        #expect(ambiguous.errorText.contains(paths.joined(separator: ", ")))
        #expect(try closure(["--why", "tool-2.0"] + paths).outputText == "\(paths[1])\n")
    }

    private static let working = [".lock", ".check", ".old-12-3", ".tmp-12-3", ".tmp", ".chroot"]

    @Test("a working file of Nix is refused as a ROOT and in a list", arguments: ClosureReader.allCases, working)
    func workingFiles(_ command: ClosureReader, _ ending: String) throws {
        let path = "\(ClosureFixture.path("lib"))\(ending)"
        for root in ["root", "empty"] as [ByteString] {
            try TreeBuilder.build(at: fixture.scratch.path) { tree in
                try tree.file(root + ByteString(path), .text(""))
                if root == "empty" { try tree.file(root + ByteString("\(ClosureFixture.path("lib"))"), .text("")) }
            }
        }
        try fixture.write("list", "\(ClosureFixture.path("lib"))\n\(path)\n")
        let message = "'\(path)' is a working file of Nix, not a store path"
        let listed = try fixture.run(command, ["--closure", "list"])
        #expect(listed.status == 1 && listed.errorText.contains("list: \(message)"), "\(listed.errorText)")
        if command == .verify { return }
        let named = try fixture.run(command, [path])
        #expect(named.status == 1 && named.errorText.contains("repot: \(message)"), "\(named.errorText)")
    }

    @Test("a store path that is named like a working file is used", arguments: ClosureReader.withRoots)
    func storePathLikeWorkingFile(_ command: ClosureReader) throws {
        let name = "\(String(repeating: "1", count: 32))-alone.lock"
        let path = "/nix/store/\(name)"
        try TreeBuilder.build(at: fixture.scratch.path) {
            try $0.file("root\(ByteString(path))", .text(""), Attributes(mode: 0o444))
        }
        try fixture.write("list", "\(path)\n")
        for arguments in [[path], ["--closure", "list"]] {
            let result = try fixture.run(command, arguments)
            #expect(result.status == 0 && result.outputText.contains(name), "\(result.errorText)")
            try Command.succeed(["rm", "-rf", "out"], directory: fixture.scratch.path)
        }
    }

    @Test("the messages of nix-store are not printed if a scan then finds the closure")
    func skippedNix() throws {
        try fixture.write("root/nix/var/nix/db/db.sqlite", "")
        try fixture.write("root/nix/var/nix/db/schema", "9")
        try TreeBuilder.build(at: fixture.scratch / "programs") { tree in
            let script = "#!/bin/sh\necho error: path is not valid >&2\nexit 1\n"
            try tree.file("nix-store", .text(script), Attributes(mode: 0o755))
        }
        var variables = Command.inheritedEnvironment
        variables["PATH"] = (fixture.scratch / "programs") + ":" + (variables["PATH"] ?? "")
        func run(_ arguments: [ByteString]) throws -> CommandResult {
            try Repot.run(
                ["closure", "--store-root", "root", ByteString(ClosureFixture.path("app"))] + arguments,
                directory: fixture.scratch.path, environment: variables)
        }
        let found = try run([])
        #expect(found.status == 0 && found.errorText == "" && ClosureFixture.names(in: found) == ["app", "lib"])
        #expect(try run(["--explain"]).errorText.contains("closure source skipped: nix: nix-store failed"))
        let refused = try run(["--closure-from", "nix"])
        #expect(refused.status == 1 && refused.errorText.contains("error: path is not valid\n"))
    }
}
