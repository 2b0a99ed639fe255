import TestSupport
import Testing

/// The same operands and documents mean the same closure to every command.
@Suite struct ClosureResolutionTests {
    private let fixture: ClosureFixture

    init() throws { fixture = try ClosureFixture() }

    private static let complete: KeyValuePairs = ["app": ["app", "lib"], "lib": [], "other": []]
    private static let open: KeyValuePairs = ["app": ["lib"], "other": []]

    private func expect(_ names: [String], _ command: ClosureReader, _ arguments: [String]) throws {
        let result = try fixture.run(command, arguments)
        #expect(result.status == 0, "\(command): \(result.errorText)")
        #expect(ClosureFixture.names(in: result) == names, "\(command)")
    }

    private func expectRefusal(_ message: String, _ command: ClosureReader, _ arguments: [String]) throws {
        let result = try fixture.run(command, arguments)
        #expect(result.status == 1 && result.errorText.contains(message), "\(command): \(result.errorText)")
        #expect(try Command.succeed(["ls", fixture.scratch.path]).outputText.contains("out") == false)
    }

    @Test(
        "without ROOT, all store paths of a document are used", arguments: ClosureReader.allCases, DocumentForm.allCases
    )
    func documentWithoutRoot(_ command: ClosureReader, _ form: DocumentForm) throws {
        try fixture.write("document", form.text(Self.complete))
        try expect(["app", "lib", "other"], command, ["--closure", "document"])
    }

    @Test(
        "with ROOT, its closure is used if the document records references, and otherwise all paths of the list",
        arguments: ClosureReader.withRoots, DocumentForm.allCases)
    func documentWithRoot(_ command: ClosureReader, _ form: DocumentForm) throws {
        try fixture.write("document", form.text(Self.complete))
        let all = ["app", "lib", "other"]
        for (root, names) in [("app", ["app", "lib"]), ("lib", ["lib"])] {
            try expect(
                form.recordsReferences ? names : all, command,
                ["--closure", "document", "root\(ClosureFixture.path(root))"])
            try Command.succeed(["rm", "-rf", "out"], directory: fixture.scratch.path)
        }
    }

    @Test(
        "a document whose references leave it is refused; a list records none",
        arguments: ClosureReader.allCases, DocumentForm.allCases)
    func openDocument(_ command: ClosureReader, _ form: DocumentForm) throws {
        try fixture.write("document", form.text(Self.open))
        guard form.recordsReferences else {
            return try expect(["app", "other"], command, ["--closure", "document"])
        }
        let message =
            "'\(ClosureFixture.path("app"))' refers to '\(ClosureFixture.path("lib"))', which is not in document"
        try expectRefusal(message, command, ["--closure", "document"])
        guard command != .verify else { return }
        try expectRefusal(message, command, ["--closure", "document", ClosureFixture.path("app")])
        try expect(["other"], command, ["--closure", "document", ClosureFixture.path("other")])
    }

    @Test(
        "a ROOT that the document lacks is refused by name", arguments: ClosureReader.withRoots, DocumentForm.allCases)
    func rootOutsideOfTheDocument(_ command: ClosureReader, _ form: DocumentForm) throws {
        try fixture.write("document", form.text(["lib": []]))
        try expectRefusal(
            "'\(ClosureFixture.path("other"))' is not in document: leave it out", command,
            ["--closure", "document", ClosureFixture.path("other")])
    }

    @Test(
        "a profile selects its closure from a document, as a ROOT does",
        arguments: ClosureReader.withProfiles, DocumentForm.allCases)
    func profile(_ command: ClosureReader, _ form: DocumentForm) throws {
        try fixture.write("document", form.text(Self.complete))
        let profile = ["--closure", "document", "--profile", ClosureFixture.path("lib")]
        try expect(form.recordsReferences ? ["lib"] : ["app", "lib", "other"], command, profile)
        try Command.succeed(["rm", "-rf", "out"], directory: fixture.scratch.path)
        guard form.recordsReferences else { return }
        try expect(["lib", "other"], command, profile + [ClosureFixture.path("other")])
    }

    @Test("verify and --diff refuse a document whose references leave it", arguments: DocumentForm.allCases)
    func comparisons(_ form: DocumentForm) throws {
        try fixture.write("document", form.text(Self.open))
        let staged = try fixture.run(.stage, [ClosureFixture.path("app"), ClosureFixture.path("other")])
        let layout = try fixture.run(.image, ["--closure", "document"])
        #expect(staged.status == 0 && layout.status == (form.recordsReferences ? 1 : 0))
        try Command.succeed(
            [
                Repot.path, "image", "-q", "--no-cache", "--store-root", "root",
                "root\(ByteString(ClosureFixture.path("app")))", "-o", "oci:image",
            ],
            directory: fixture.scratch.path)
        for arguments: [ByteString] in [
            ["verify", "out", "--closure", "document"], ["verify", "oci:image", "--closure", "document"],
            ["closure", ByteString(ClosureFixture.path("app")), "--diff", "document"],
        ] {
            let result = try Repot.run(arguments + ["--store-root", "root"], directory: fixture.scratch.path)
            #expect(result.errorText.contains("which is not in document") == form.recordsReferences, "\(arguments)")
        }
    }
}

/// Options that are given twice: the values of a list are joined, and a scalar is a usage error.
@Suite struct RepeatedOptionTests {
    private static let commands: [ByteString] = ["closure", "stage", "tar", "image", "docker-build", "verify"]

    @Test("two documents are joined", arguments: ClosureReader.allCases, DocumentForm.allCases)
    func documentsAreJoined(_ command: ClosureReader, _ form: DocumentForm) throws {
        let fixture = try ClosureFixture()
        try fixture.write("one", form.text(["app": ["app", "lib"]]))
        try fixture.write("two", DocumentForm.object.text(["lib": [], "other": []]))
        try fixture.write("list", DocumentForm.list.text(["lib": []]))
        let all = try fixture.run(command, ["--closure", "one", "--closure", "two"])
        #expect(ClosureFixture.names(in: all) == ["app", "lib", "other"], "\(all.errorText)")
        try Command.succeed(["rm", "-rf", "out"], directory: fixture.scratch.path)
        let selected = try fixture.run(
            command,
            ["--closure", "two", "--closure", "one"] + (command == .verify ? [] : [ClosureFixture.path("app")]))
        let names = form.recordsReferences && command != .verify ? ["app", "lib"] : ["app", "lib", "other"]
        #expect(ClosureFixture.names(in: selected) == names, "\(selected.errorText)")
        try Command.succeed(["rm", "-rf", "out"], directory: fixture.scratch.path)
        // A record may refer to a store path of the list, which belongs to the closure.
        let mixed = try fixture.run(command, ["--closure", "one", "--closure", "list"])
        #expect(ClosureFixture.names(in: mixed) == ["app", "lib"], "\(mixed.errorText)")
    }

    @Test("a store path has the references of all its records, in any order", arguments: ClosureReader.withRoots)
    func recordsOfAPathAreJoined(_ command: ClosureReader) throws {
        let fixture = try ClosureFixture()
        try fixture.write("one", DocumentForm.object.text(["app": []]))
        try fixture.write("two", DocumentForm.registration.text(["app": ["lib"], "lib": []]))
        for order in [["one", "two"], ["two", "one"]] {
            let result = try fixture.run(
                command, order.flatMap { ["--closure", $0] } + [ClosureFixture.path("app")])
            #expect(ClosureFixture.names(in: result) == ["app", "lib"], "\(result.errorText)")
            try Command.succeed(["rm", "-rf", "out"], directory: fixture.scratch.path)
        }
    }

    /// Records, store paths of a plain list, ROOT operands, and the closure.
    private static let joined: [(KeyValuePairs<String, [String]>, [String], [String], [String])] = [
        (["app": ["lib"], "lib": []], ["lib"], ["app"], ["app", "lib"]),
        (["app": ["lib"], "lib": [], "other": []], ["other"], ["lib"], ["lib", "other"]),
        (["app": ["lib"], "lib": [], "other": []], ["lib"], ["other"], ["lib", "other"]),
        // The references of the ROOT are unknown, so that it selects nothing.
        (["app": ["lib"], "lib": []], ["other"], ["other"], ["app", "lib", "other"]),
        (["app": ["lib"], "lib": []], ["other"], ["lib", "other"], ["lib", "other"]),
        // A record may refer to a store path of the list.
        (["app": ["lib"]], ["lib"], ["app"], ["app", "lib"]),
        // A path of the list has the references that another document records.
        (["app": ["lib"], "lib": [], "other": []], ["app"], ["other"], ["app", "lib", "other"]),
    ]

    @Test(
        "with ROOT, documents with references give its closure, and a list beside them is used completely",
        arguments: ClosureReader.withRoots, joined)
    func listBesideRecords(
        _ command: ClosureReader, _ row: (KeyValuePairs<String, [String]>, [String], [String], [String])
    ) throws {
        let (records, list, roots, names) = row
        let fixture = try ClosureFixture()
        try fixture.write("records", DocumentForm.registration.text(records))
        try fixture.write("list", list.map { "\(ClosureFixture.path($0))\n" }.joined())
        let result = try fixture.run(
            command, ["--closure", "records", "--closure", "list"] + roots.map(ClosureFixture.path))
        #expect(result.status == 0 && ClosureFixture.names(in: result) == names, "\(result.errorText)")
    }

    @Test("a list beside records keeps their sizes and references, and adds the scanned references of its own paths")
    func infosBesideList() throws {
        let (app, lib, other) = (ClosureFixture.path("app"), ClosureFixture.path("lib"), ClosureFixture.path("other"))
        func closure(_ records: String, _ list: String) throws -> String {
            let fixture = try ClosureFixture()
            try fixture.write("records", "[\(records)]")
            try fixture.write("list", list)
            return try fixture.run(.closure, ["--json", "--closure", "records", "--closure", "list"]).outputText
        }
        let hash = "\"narHash\":\"sha256:\(String(repeating: "1", count: 64))\""
        let declared = try closure(
            "{\"path\":\"\(app)\",\(hash),\"narSize\":7777,\"references\":[\"\(lib)\",\"\(other)\"]}",
            "\(lib)\n\(other)\n")
        #expect(declared.contains("\"narSize\":7777") && declared.contains("\"references\":[\"\(lib)\",\"\(other)\"]"))
        let scanned = try closure(
            "{\"path\":\"\(lib)\",\(hash),\"narSize\":8888,\"references\":[]}", "\(app)\n")
        #expect(scanned.contains("\"narSize\":8888") && scanned.contains("\"references\":[\"\(lib)\"]"))
    }

    /// The options in the description of a command for completion scripts: each name, and whether it is a list.
    private func options(of command: ByteString) throws -> [(name: String, isList: Bool)] {
        let script: ByteString = """
            import json, sys
            for argument in json.load(sys.stdin)["command"]["arguments"]:
                if argument["kind"] == "option":
                    for name in argument["names"]:
                        print(("-" if name["kind"] == "short" else "--") + name["name"], argument["isRepeating"])
            """
        let description = try Repot.run([command, "--experimental-dump-help"])
        let lines = try Command.run(["python3", "-c", script], input: description.output).outputText
        return lines.split(separator: "\n").map { line in
            let words = line.split(separator: " ")
            return (String(words[0]), words[1] == "True")
        }
    }

    @Test("giving a scalar option twice is a usage error, and giving a list twice is not", arguments: commands)
    func scalars(_ command: ByteString) throws {
        let options = try options(of: command)
        #expect(options.count > 4)
        for (name, isList) in options {
            let result = try Repot.run([command, ByteString(name), "none", ByteString("\(name)=none")])
            #expect(result.errorText.contains("is given twice") != isList, "\(name): \(result.errorText)")
            #expect(isList || result.status == 64)
        }
    }

    @Test("a scalar option is refused under a second name, and a value may look like an option")
    func names() throws {
        for words: [ByteString] in [["-j", "1", "--jobs", "2"], ["-qj", "1", "--jobs=2"], ["--jobs=1", "-j=2"]] {
            let result = try Repot.run(["tar", "-o", "/dev/null"] + words + ["/nowhere"])
            #expect(result.status == 64 && result.errorText.contains("--jobs takes one value and is given twice"))
        }
        let pins = try Repot.run(
            ["image", "-o", "oci:x", "--pin", "--layers", "--layers", "path", "-q", "-q", "--pin=--layers", "/nowhere"])
        #expect(!pins.errorText.contains("is given twice") && pins.status == 1, "\(pins.errorText)")
    }

    @Test(
        "a second use of standard input is a usage error",
        arguments: [
            ["closure", "--closure", "-", "--closure", "-"], ["closure", "--closure", "-", "--diff", "-"],
            ["closure", "--diff=-", "--closure=-", "/nowhere"], ["verify", "--closure", "-", "x", "--closure", "-"],
            ["image", "-o", "oci:x", "--closure", "-", "--config", "-"],
        ] as [[ByteString]])
    func standardInput(_ arguments: [ByteString]) throws {
        let result = try Repot.run(arguments)
        #expect(result.status == 64 && result.errorText.contains("standard input is read once"))
    }
}
