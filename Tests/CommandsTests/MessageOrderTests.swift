import TestSupport
import Testing

/// Called by the name of cp, repot says what GNU cp says in the same order, on both outputs together, whichever worker
/// was faster.
@Suite struct MessageOrderTests {
    /// A tree that takes longer than what comes behind it, files of one name, and a target in which a name is taken.
    private func build(at path: ByteString) throws {
        try TreeBuilder.build(at: path) { tree in
            for index in 0..<200 { try tree.file("tree/\(index)", .text("x")) }
            for file: ByteString in ["a/f", "b/f", "x", "y", "z"] { try tree.file(file, .text("x")) }
            try tree.directory("d")
            try tree.file("d/x", .text("x"))
            try tree.file("e/a", .text("x"))
        }
    }

    private func said(_ program: ByteString, _ line: String) throws -> String {
        let scratch = try Scratch()
        try build(at: scratch.path)
        let script: ByteString = "export LC_ALL=C; yes | (exec -a cp \"$@\") 2>&1"
        let words = line.split(separator: " ").map { ByteString(String($0)) }
        return try Command.run(["/bin/bash", "-c", script, "bash", program] + words, directory: scratch.path).outputText
    }

    @Test(arguments: [
        "a/f b/f missing d", "m1 m2 m3 m4 m5 m6 d", "m1 a/f b/f m2 d", "-R tree a/f b/f m1 m2 d", "m1 -R tree d m2 d",
        "m1 x x m2 d", "x y x d", "x x x m1 y y d", "-v x x y d", "-v x y x d", "-v m1 x x m2 y y d",
        "-iv x x y y d", "-v a/f b/f missing d", "-bv x m1 y x z d", "--parents a/f missing b/f b/f e",
    ])
    func sameAsGNU(_ line: String) throws {
        #expect(try said(Repot.path, line) == said("/bin/cp", line))
    }

    /// The report does not depend on it either.
    @Test func theReportFollowsTheOperands() throws {
        let scratch = try Scratch()
        try build(at: scratch.path)
        let result = try Repot.run(["z2", "a/f", "y2", "x2", "d"], directory: scratch.path)
        #expect(
            result.errorText.split(separator: "\n").map { $0.split(separator: "'")[1] } == ["z2", "y2", "x2"],
            "\(result.errorText)")
    }
}
