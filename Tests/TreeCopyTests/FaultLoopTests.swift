import SystemCalls
import TestSupport
import Testing
import TreeCopy

/// The n-th system call fails, for n = 1, 2, 3 … until a run is untouched.
@Suite(.serialized) struct FaultLoopTests {
    private static let rows: [FaultRow] = {
        let errnos: [Errno] = [.inputOutput, .noSpace, .tooManyOpen, .accessDenied, .quotaExceeded, .readOnly]
        var rows: [FaultRow] = []
        for errno in errnos {
            for publication: Publication in [.inPlace, .whenDone, .whole] {
                for strategy: StrategyChoice in [.copy, .hardlink] {
                    for span in FaultSpan.allCases {
                        rows.append(
                            FaultRow(errno: errno, span: span, publication: publication, strategy: strategy))
                    }
                }
            }
        }
        return rows
    }()

    @Test(arguments: rows) func anyCallMayFail(_ row: FaultRow) throws {
        let calls = try FaultTrial(try FaultFixture(), row).run()
        #expect(calls > 60, "the loop saw \(calls) calls only")
    }

    @Test(arguments: [Publication.inPlace, .whenDone, .whole], [StrategyChoice.copy, .hardlink])
    func interruptedCallsAreRepeated(_ publication: Publication, _ strategy: StrategyChoice) throws {
        let row = FaultRow(errno: .interrupted, span: .once, publication: publication, strategy: strategy)
        _ = try FaultTrial(try FaultFixture(), row).run()
    }
}
