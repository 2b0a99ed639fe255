import SystemCalls
import Testing

@testable import Commands

/// Which command the words ask for.
@Suite struct InvocationTests {
    @Test(arguments: [
        (["repot", "-R", "a", "b"], Invocation.copy(.repot, dropping: 0)),
        (["repot", "cp", "-R", "a", "b"], .copy(.repot, dropping: 1)),
        (["/usr/bin/repot", "a", "b"], .copy(.repot, dropping: 0)), (["cp", "a", "b"], .copy(.gnu, dropping: 0)),
        (["/x/cp", "cp", "b"], .copy(.gnu, dropping: 0)), (["cp", "stage", "b"], .copy(.gnu, dropping: 0)),
        (["cp"], .copy(.gnu, dropping: 0)), (["repot", "stage", "a", "b"], .other(["stage", "a", "b"])),
        (["repot", "--help"], .other(["--help"])), (["repot", "--version"], .other(["--version"])),
        (["repot", "help"], .other(["help"])), (["repot", "-h"], .other(["-h"])),
        (["repot"], .other([])), ([], .other([])),
        (["repot", "--", "stage", "b"], .copy(.repot, dropping: 0)),
        (["repot", "./stage", "b"], .copy(.repot, dropping: 0)),
    ])
    func wordsAreTaken(arguments: [String], expected: Invocation) { #expect(Invocation(arguments) == expected) }

    @Test("the words that select a command are the names of the commands")
    func wordsAreCommandNames() {
        #expect(["cp"] + Invocation.commands == RootCommand.commandNames)
    }

    @Test(
        "a first word that names no file and resembles a command is reported with that command",
        arguments: [
            ("stge", "stage"), ("verfy", "verify"), ("imgae", "image"), ("clsoure", "closure"), ("atr", "tar"),
            ("docker", "docker-build"), ("docker-bulid", "docker-build"), ("stages", "stage"), ("c", "cp"),
            ("hepl", "help"),
        ])
    func resemblingWordsAreUnknown(word: String, command: String) {
        #expect(Invocation(["repot", word, "b"]) == .unknown(word, suggestion: command))
        #expect(Invocation(["cp", word, "b"]) == .copy(.gnu, dropping: 0))
        #expect(Invocation(["repot", "cp", word, "b"]) == .copy(.repot, dropping: 1))
    }

    @Test(
        "options, paths and other words are operands and options of cp",
        arguments: ["-stage", "--stge", "./stge", "stge/x", "result", "a", "source", "package.json", ""])
    func otherWordsBelongToCopy(word: String) {
        #expect(Invocation(["repot", word, "b"]) == .copy(.repot, dropping: 0))
    }

    @Test func everyFlagHasOneRule() {
        #expect(
            Set(CopyRule.all.map(\.flag)) == Set(CopyFlag.allCases) && CopyRule.all.count == CopyFlag.allCases.count)
        let letters = CopyRule.all.flatMap(\.letters)
        #expect(Set(letters).count == letters.count)
        #expect(!CopyRule.optionRules(.gnu).contains { $0.name == "strategy" || $0.letter == UInt8(ascii: "j") })
        #expect(CopyRule.optionRules(.repot).contains { $0.name == "strategy" })
        #expect(CopyRule.all.allSatisfy { $0.helpLine.count <= 100 })
    }
}
