import SystemCalls
import TestSupport
import Testing

/// Called by the name of cp, repot does what GNU cp does: the same tree, status, output and, but for listed
/// exceptions, messages.
@Suite struct GNUDifferentialTests {
    private struct Outcome {
        let tree: TreeSnapshot
        let result: CommandResult
    }

    @Test(arguments: GNUCase.all)
    func sameAsGNU(_ example: GNUCase) throws {
        let scratch = try Scratch()
        let began = Int(try Directory.current.metadata(of: Name(scratch.path.bytes), following: false).changed.seconds)
        let ours = try run("exec -a cp \(Repot.path)", example, in: scratch / "ours")
        let reference = try #require(GNUCopy.available.last)
        let theirs = try run(reference.command, example, in: scratch / "theirs")
        let lines = TreeSnapshot.difference(theirs.tree, ours.tree).filter { !Self.isNow($0, since: began) }
        if !example.exceptions.contains(.tree) { #expect(lines == [], "\(example)") }
        #expect(theirs.result.ending == ours.result.ending, "\(example): \(ours.result.errorText)")
        if !example.exceptions.contains(.output) {
            #expect(sorted(theirs.result.outputText) == sorted(ours.result.outputText), "\(example)")
        }
        let words = (sorted(theirs.result.errorText), sorted(ours.result.errorText))
        // Older versions have other messages.
        if example.exceptions.contains(.words) || reference.version != GNUCopy.knownVersions.last {
            #expect(words.0.isEmpty == words.1.isEmpty, "\(example): \(words.0) or \(words.1)")
        } else {
            #expect(words.0 == words.1, "\(example)")
        }
    }

    private func run(_ command: String, _ example: GNUCase, in directory: ByteString) throws -> Outcome {
        try GNUCase.build(at: directory)
        if let before = example.before, before != "umask" {
            try Command.succeed(["/bin/sh", "-c", ByteString(before)], directory: directory)
        }
        let mask: ByteString = example.before == "umask" ? "umask 027" : "umask 022"
        let words = ["/bin/bash", "-c", mask + "; \(command) \"$@\"", "bash"] + example.arguments
        let environment = Command.inheritedEnvironment.merging(["LC_ALL": "C"]) { $1 }
        let result = try Command.run(words, environment: environment, directory: directory, timeout: .seconds(10))
        return Outcome(tree: try TreeSnapshot(of: directory), result: result)
    }

    /// Both are times of the copy itself.
    private static func isNow(_ line: String, since began: Int) -> Bool {
        let words = line.split(separator: " ").suffix(4)
        guard words.count == 4, words.first == "modified" else { return false }
        let seconds = words.compactMap { $0.split(separator: ".").first.flatMap { Int($0) } }
        return seconds.count == 2 && seconds.allSatisfy { $0 >= began }
    }

    private func sorted(_ text: String) -> [Substring] {
        text.split(separator: "\n").sorted()
    }
}
