import TestSupport
import Testing

@testable import Commands

/// What the manual page and the completions are made from.
@Suite struct ManualTests {
    @Test func everyOptionOfCopyIsDocumented() throws {
        let dump = try Repot.run(["--experimental-dump-help"])
        #expect(dump.status == 0)
        for rule in CopyFlag.inHelp.filter({ ![.help, .version].contains($0) }).map(\.rule) {
            #expect(dump.outputText.contains(#""abstract" : "\#(rule.meaning)""#))
            #expect(rule.name.map { dump.outputText.contains(#""name" : "\#($0)""#) } ?? true)
        }
    }

    @Test func copyHasOneHelp() throws {
        let help = try Repot.run(["help", "cp"])
        #expect(help.status == 0)
        #expect(help.output == (try Repot.run(["cp", "--help"])).output)
    }
}
