import Measuring
import TestSupport
import Testing

@testable import Comparison

@Suite struct SweepTests {
    @Test(arguments: [(0.12, 12.0, 1.0, true), (0.12, 13.9, 1.158, false), (0.12, 10.1, 0.842, false)])
    func linearityComparesTimesWithNumbers(few: Double, many: Double, ratio: Double, isMet: Bool) {
        let linearity = Linearity(few: few, many: many)
        #expect(abs(linearity.ratio - ratio) < 0.001)
        #expect(linearity.isMet(besides: nil) == isMet)
    }

    @Test func whereTheFloorIsNotLinearTheDistanceToItCounts() {
        let (steep, linear) = (Linearity(few: 1, many: 130), Linearity(few: 1, many: 100))
        #expect(steep.isMet(besides: Linearity(few: 1, many: 125)))
        #expect(!steep.isMet(besides: linear))
        #expect(!Linearity(few: 1, many: 160).isMet(besides: Linearity(few: 1, many: 125)))
    }

    @Test func linearityIsOfTheMedians() throws {
        var curve = SweepByFiles.Curve(name: "repot")
        curve.places = [(10_000, Self.performance([1, 9, 1])), (1_000_000, Self.performance([100, 110, 900]))]
        #expect(try abs(#require(Linearity(curve)).ratio - 1.1) < 1e-9)
        curve.places.removeLast()
        #expect(Linearity(curve) == nil)
    }

    @Test func slopeOfMedians() throws {
        var curve = SweepByFiles.Curve(name: "repot")
        curve.places = [(1000, Self.performance([1])), (10_000, Self.performance([10, 9, 90]))]
        #expect(try abs(#require(curve.trend).slope - 1) < 1e-9)
    }

    @Test func whatFailedHasNoTimeAndIsNamed() throws {
        var failed = Self.performance([1])
        failed.standing = .failed("no room")
        var curve = SweepByFiles.Curve(name: "repot")
        curve.places = [(1000, Self.performance([1])), (10_000, failed), (1_000_000, Self.performance([100]))]
        #expect(Linearity(curve) == nil)
        #expect(failed.time == nil && failed.peak == nil)
        let report = Self.report(curve, counts: [1000, 10_000, 1_000_000])
        #expect(report.text.contains("failed: no room"))
    }

    @Test func whatIsAskedAndNotMeasuredIsNotMet() {
        let curve = SweepByFiles.Curve(name: "repot")
        let report = Self.report(curve, counts: SweepByFiles.allCounts)
        #expect(report.figures.map(\.word) == ["UNKNOWN", "UNKNOWN"])
        #expect(!report.isPassed)
        #expect(Self.report(curve, counts: [1000, 10_000]).isPassed)
    }

    @Test func whatIsLeftOutIsNamed() {
        var report = Self.report(SweepByFiles.Curve(name: "repot"), counts: [1000])
        report.leftOut = [("workers-xfs-reflink", "no file can share extents here")]
        #expect(report.text.contains("workers-xfs-reflink: left out, no file can share extents here"))
        #expect(report.text.contains("Time by number of files: here, copy"))
    }

    private static func report(_ curve: SweepByFiles.Curve, counts: [Int]) -> SweepReport {
        let sweep = SweepByFiles(
            name: "files-copy", strategy: "copy", fileSystem: .tmpfs, contenders: [.archive], counts: counts)
        return SweepReport(
            machine: Machine(), byFiles: [SweepByFiles.Outcome(sweep: sweep, fileSystem: "here", curves: [curve])])
    }

    @Test func sharesFileSystemsAsMemoryAllows() throws {
        let contenders: [Contender] = [.plain, .archive, .file]
        func plan(_ memory: Int, on fileSystem: FileSystemKind = .ext4) -> SweepPlan? {
            SweepPlan(
                files: 1_000_000, footprint: 4 << 30, on: fileSystem, contenders, rounds: 3, memory: memory)
        }
        // A tree takes twice its bytes and the kernel's 1,536 for each file.
        let tree = 8 << 30 + 1_536_000_000
        #expect(plan(2 * tree - 1) == nil)
        #expect(plan(tree, on: .tmpfs) == nil)
        #expect(try #require(plan(2 * tree - (8 << 30), on: .tmpfs)).groups.map(\.count) == [1, 1, 1])
        #expect(try #require(plan(2 * tree)).groups.map(\.count) == [1, 1, 1])
        #expect(try #require(plan(3 * tree)).groups.map(\.count) == [2, 1])
        #expect(try #require(plan(3 * tree)).roundsPerArena == 1)
        #expect(try #require(plan(3 * tree)).rounds == 2)
    }

    @Test func linksShareOneFileSystem() throws {
        let plan = SweepPlan(
            files: 1_000_000, footprint: 4 << 30, on: .ext4, [.links, .links], rounds: 3, memory: 20 << 30)
        #expect(try #require(plan).groups.map(\.count) == [2])
        #expect(try #require(plan).roundsPerArena == 3)
    }

    static func performance(
        _ seconds: [Double], _ contender: Contender = .archive, _ losses: [Loss] = []
    ) -> Performance {
        var performance = Performance(contender)
        (performance.seconds, performance.losses) = (seconds, losses)
        return performance
    }
}

@Suite struct RatioPlotTests {
    @Test func everyCaseIsAGroupAndEveryPeerARow() throws {
        let svg = try #require(ratioPlot([Self.result("ext4-big-file", [.archive])], on: Machine()))
        #expect(svg.contains(">ext4 · big file</text>"))
        #expect(svg.contains(">cp -a</text>"))
        #expect(svg.contains(">2.0×</text>"))
        #expect(!svg.contains("lost something"))
    }

    @Test func aPeerThatLosesIsMarked() throws {
        let loss = try #require(Loss("times", ["a: modified 1 != 2"]))
        let svg = try #require(ratioPlot([Self.result("ext4-copy", [.plain], [loss])], on: Machine()))
        #expect(svg.contains("lost something"))
    }

    @Test func theFloorIsNoPeer() throws {
        let svg = try #require(ratioPlot([Self.result("ext4-copy", [.floor("floor", "copy")])], on: Machine()))
        #expect(svg.contains("the floor: the system calls alone"))
        #expect(!svg.contains("lost something"))
    }

    private static func result(_ name: String, _ peers: [Contender], _ losses: [Loss] = []) -> CaseResult {
        let repot = SweepTests.performance([1, 1.1], .repot("repot", "-R"))
        return CaseResult(
            name: name, fileSystem: "ext4", workload: "", disturbedRounds: 0,
            performances: [repot] + peers.map { SweepTests.performance([2, 2.2], $0, losses) })
    }
}
