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

    @Test func everyFlagHasOneRule() {
        #expect(
            Set(CopyRule.all.map(\.flag)) == Set(CopyFlag.allCases) && CopyRule.all.count == CopyFlag.allCases.count)
        let letters = CopyRule.all.flatMap(\.letters)
        #expect(Set(letters).count == letters.count)
        #expect(!CopyRule.optionRules(.gnu).contains { $0.name == "strategy" || $0.letter == "j" })
        #expect(CopyRule.optionRules(.repot).contains { $0.name == "strategy" })
        #expect(CopyRule.all.allSatisfy { $0.helpLine.count <= 100 })
    }
}
