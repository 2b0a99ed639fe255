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

    @Test("without ROOT all of a document is used", arguments: ClosureReader.allCases, DocumentForm.allCases)
    func documentWithoutRoot(_ command: ClosureReader, _ form: DocumentForm) throws {
        try fixture.write("document", form.text(Self.complete))
        try expect(["app", "lib", "other"], command, ["--closure", "document"])
    }

    @Test(
        "of a document that records references the closure of ROOT is used, of a list all",
        arguments: ClosureReader.allCases, DocumentForm.allCases)
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
        try expectRefusal(message, command, ["--closure", "document", ClosureFixture.path("app")])
        try expect(["other"], command, ["--closure", "document", ClosureFixture.path("other")])
    }

    @Test("a ROOT that the document lacks is refused by name", arguments: ClosureReader.allCases, DocumentForm.allCases)
    func rootOutsideOfTheDocument(_ command: ClosureReader, _ form: DocumentForm) throws {
        try fixture.write("document", form.text(["lib": []]))
        try expectRefusal(
            "'\(ClosureFixture.path("other"))' is not in document: leave it out", command,
            ["--closure", "document", ClosureFixture.path("other")])
    }

    @Test(
        "a profile belongs to the closure, and without ROOT selects nothing",
        arguments: ClosureReader.allCases.filter { $0 != .closure })
    func profile(_ command: ClosureReader) throws {
        try fixture.write("document", DocumentForm.registration.text(Self.complete))
        let profile = ["--closure", "document", "--profile", ClosureFixture.path("lib")]
        try expect(["app", "lib", "other"], command, profile)
        try Command.succeed(["rm", "-rf", "out"], directory: fixture.scratch.path)
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
