import Synchronization
import SystemCalls
import Testing

@testable import TreeCopy

/// untried, works, refused: which step leads where.
@Suite struct UnitLadderTests {
    @Test func aRefusalBeforeAnySuccessHolds() {
        let rung = StrategyRung()
        #expect(rung.state == .untried && rung.isOpen)
        rung.noteRefusal(.crossesMount)
        #expect(rung.state == .refused(.crossesMount) && !rung.isOpen)
        rung.noteSuccess()
        rung.noteRefusal(.notSupported)
        #expect(rung.state == .refused(.crossesMount))
    }

    @Test func aRefusalAfterASuccessIsAboutOneFile() {
        let rung = StrategyRung()
        rung.noteSuccess()
        rung.noteRefusal(.notPermitted)
        #expect(rung.state == .works && rung.isOpen)
    }

    @Test func someRefusalsHoldWhateverWorkedBefore() {
        let rung = StrategyRung()
        rung.noteSuccess()
        rung.refuse(.notPermitted)
        #expect(rung.state == .refused(.notPermitted))
    }

    @Test func doubtsAreBelievedWhereThereAreManyAndNothingWorked() {
        let (refused, works) = (StrategyRung(), StrategyRung())
        for _ in 1..<StrategyRung.doubtsToBelieve { refused.noteDoubt(.invalid) }
        #expect(refused.isOpen && refused.outcome == .refused(.invalid))
        refused.noteDoubt(.invalid)
        #expect(!refused.isOpen && refused.state == .refused(.invalid))
        works.noteDoubt(.invalid)
        works.noteSuccess()
        for _ in 1...StrategyRung.doubtsToBelieve { works.noteDoubt(.invalid) }
        #expect(works.state == .works && works.outcome == .works)
    }

    @Test(arguments: [[Errno.textBusy, .invalid], [.invalid, .textBusy]])
    func exceptionsCloseNothingAndTheLeastIsTold(_ errnos: [Errno]) {
        let rung = StrategyRung()
        for _ in 1...StrategyRung.doubtsToBelieve { errnos.forEach(rung.noteException) }
        #expect(rung.state == .untried && rung.outcome == .refused(.invalid))
    }

    @Test func reasonsOfOurOwnAreKept() {
        let rung = StrategyRung()
        rung.noteRefusal(.copiesUp)
        #expect(rung.state == .refused(.copiesUp))
        #expect(Errno.copiesUp.isOwn && !Errno.notSupported.isOwn)
    }

    @Test(
        "an error of the medium, the space or the memory does not lead to the next strategy",
        arguments: [Errno.inputOutput, .noSpace, .quotaExceeded, .readOnly, .noMemory, .staleHandle])
    func fatalErrorsAreNoRefusals(_ errno: Errno) {
        #expect(errno.isFatal && !errno.refusesLink)
    }

    @Test(
        "any other refusal leads to the next strategy",
        arguments: [
            Errno.crossesMount, .notSupported, .invalid, .notImplemented, .notPermitted, .wouldBlock, .badDescriptor,
            .overflow, .textBusy, .noSuchDevice,
        ])
    func everyStrategyStepsDownForThese(_ errno: Errno) {
        #expect(!errno.isFatal && errno.refusesLink)
    }

    @Test func theEndIsWhereNothingCanBeWritten() {
        let ends: [Errno] = [.noSpace, .quotaExceeded, .readOnly, .inputOutput, .accessDenied, .tooManyOpen]
        #expect(ends.map(\.endsRun) == [true, true, false, false, false, false])
        #expect(!CopyError(.failed(.setAttributes, .noSpace), "a").endsRun)
        #expect(CopyError(.failed(.setAttributes, .quotaExceeded), "a").endsRun)
        #expect(CopyError(.failed(.write, .noSpace), "a").endsRun)
    }
}
