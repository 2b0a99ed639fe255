import Measuring
import TestSupport
import Testing

@testable import Comparison

@Suite struct JudgementTests {
    private static let thresholds = """
        2.00  1.50  case  cp -a
        0.92  -     case  floor
        """

    /// A case in which repot took a second, and its peer so many.
    private func result(
        _ peer: Contender = .archive, _ seconds: [Double] = [1.8], standing: Performance.Standing = .running,
        disturbed: Int = 0, loss: Loss? = nil
    ) -> CaseResult {
        var own = Performance(.repot("repot", "-R"))
        own.seconds = seconds.map { _ in 1 }
        own.losses = [loss].compactMap(\.self)
        var other = Performance(peer, standing: standing)
        other.seconds = seconds
        return CaseResult(
            name: "case", fileSystem: "ext4", workload: "files", disturbedRounds: disturbed,
            performances: [own, other])
    }

    private func judgement(_ result: CaseResult, isQuick: Bool = false) throws -> Judgement {
        Judgement(result, result.performances[1], try Thresholds(Self.thresholds), isQuick: isQuick)
    }

    @Test func aFullRunIsHeldToWhatIsAskedAndAQuickOneToTheGate() throws {
        #expect(try judgement(result()).word == "MISSED")
        #expect(try !judgement(result()).isPassed)
        #expect(try judgement(result(), isQuick: true).word == "met")
    }

    @Test func theMedianOfPairedRatiosCounts() throws {
        let judgement = try judgement(result(.archive, [9, 2.1, 0.1]))
        #expect(judgement.ratio?.median == 2.1)
        #expect(judgement.isPassed)
    }

    @Test func slownessOnABusyMachineProvesNothing() throws {
        let judgement = try judgement(result(disturbed: 1))
        #expect(judgement.word == "noisy")
        #expect(judgement.isPassed)
    }

    @Test func aPeerThatFailedHasNoRatioAndHidesNothing() throws {
        let judgement = try judgement(result(standing: .failed("no")))
        #expect(judgement.ratio == nil)
        #expect(judgement.word == "UNKNOWN")
        #expect(!judgement.isPassed)
        #expect(judgement.peer.word == "failed: no")
    }

    @Test func aPeerThatCannotBeHadIsNamedAndNoFailure() throws {
        let judgement = try judgement(result(standing: .leftOut("no apt")))
        #expect(judgement.isPassed)
        #expect(judgement.peer.word == "left out: no apt")
    }

    @Test func theFloorIsJudgedLikeAPeer() throws {
        let result = result(.floor("floor", "copy"), [0.95])
        #expect(try judgement(result).word == "met")
        #expect(result.nearness(of: result.repot) == 0.95)
    }

    @Test func whatRepotLosesIsAMistakeAndWhatAPeerLosesIsNone() throws {
        let loss = try #require(Loss("times", ["a: modified 1 != 2"]))
        let wrong = result(loss: loss)
        #expect(wrong.mistakes == ["case, repot -R: lost times, 1 times: a: modified 1 != 2"])
        var peer = Performance(.plain)
        peer.losses = [loss]
        #expect(!peer.isMistake)
        #expect(peer.word == "lost: times")
    }

    @Test func theTableShowsLossesAndTheDistanceToTheFloor() throws {
        let report = Report(
            machine: .init(), isQuick: false, seed: 1, results: [result(.floor("floor", "copy"), [0.95])],
            leftOut: [("other", "it cannot be mounted")], thresholds: try Thresholds(Self.thresholds))
        #expect(report.table.contains("0.95"))
        #expect(report.table.contains("other: left out, it cannot be mounted"))
        #expect(report.isPassed)
    }

    @Test func aBarInANameDoesNotEndAColumn() throws {
        let report = Report(
            machine: .init(), isQuick: false, seed: 1, results: [result(.tar)], leftOut: [],
            thresholds: try Thresholds(Self.thresholds))
        #expect(report.markdown.contains("| tar \\| tar | 1.800 s |"))
        #expect(report.table.contains("\ncase  ext4: files, 1 rounds\n  repot -R "))
    }
}
