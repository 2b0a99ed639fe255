import SystemCalls
import TestSupport
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
    func wordsAreTaken(arguments: [Path], expected: Invocation) { #expect(Invocation(arguments) == expected) }

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
        #expect(Invocation(["repot", Path(word), "b"]) == .unknown(word, suggestion: command))
        #expect(Invocation(["cp", Path(word), "b"]) == .copy(.gnu, dropping: 0))
        #expect(Invocation(["repot", "cp", Path(word), "b"]) == .copy(.repot, dropping: 1))
    }

    @Test(
        "options, paths and other words are operands and options of cp",
        arguments: ["-stage", "--stge", "./stge", "stge/x", "result", "a", "source", "package.json", ""])
    func otherWordsBelongToCopy(word: String) {
        #expect(Invocation(["repot", Path(word), "b"]) == .copy(.repot, dropping: 0))
    }

    @Test("each option is in the help once, and no two options share a letter or a name")
    func optionsAreDistinct() {
        #expect(CopyFlag.inHelp.count == CopyFlag.allCases.count && Set(CopyFlag.inHelp) == Set(CopyFlag.allCases))
        let rules = CopyFlag.allCases.map(\.rule)
        let letters = rules.flatMap(\.letters)
        #expect(Set(letters).count == letters.count)
        let names = rules.compactMap(\.name)
        #expect(Set(names).count == names.count)
        #expect(rules.allSatisfy { $0.helpLine.count <= 100 })
    }

    @Test(
        "cp refuses the options that GNU cp does not have", arguments: ["-j2", "-q", "--strict", "--json", "--explain"])
    func ownOptionsAreUnknownToGNU(option: ByteString) throws {
        let scratch = try Scratch()
        let result = try Command.run([
            "bash", "-c", "exec -a cp \"$0\" \"$@\"", Repot.path, option, scratch / "a", scratch / "b",
        ])
        #expect(result.status == 1 && result.errorText.contains("option"))
    }

    @Test("the option that getopt returns is the one with that letter or number")
    func returnedOptions() {
        #expect(CopyFlag(option: Int32(UInt8(ascii: "r"))) == .recursive)
        #expect(CopyFlag(option: Int32(UInt8(ascii: "j"))) == .jobs)
        #expect(CopyFlag(option: Int32(CopyFlag.strict.rawValue)) == .strict)
        #expect(CopyFlag(option: Int32(UInt8(ascii: "!"))) == nil)
    }
}
