import SystemCalls
import Testing

@testable import Commands
@testable import TreeCopy

/// What people and machines read.
@Suite struct ReportTextTests {
    @Test func summaryCountsInWords() {
        var report = CopyReport()
        #expect(report.summary(.files) == "0 files, 0 B: nothing to copy in 0.0 s")
        report.counts.linked = 60_112
        report.counts.copied = 1091
        report.counts.bytes = 5_583_457_484
        report.roots = 1409
        report.seconds = 0.904
        report.fallbacks = ["crosses a mount": 1091]
        #expect(
            report.summary(.paths)
                == "1,409 paths, 5.2 GiB: 60,112 linked, 1,091 copied (crosses a mount) in 0.9 s")
        report.counts = CopyCounts()
        report.counts.cloned = 1
        report.counts.relinked = 2
        report.counts.skipped = 3
        report.errorCount = 4
        report.warningCount = 1
        report.seconds = 61.26
        #expect(
            report.summary(.files)
                == "3 files, 0 B: 1 reflinked, 2 linked again, 3 there already, 1 warning, 4 failed in 61.3 s")
    }

    @Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-1000, "-1,000")])
    func digitsAreGrouped(number: Int, text: String) { #expect(number.grouped == text) }

    @Test(arguments: [
        (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"), (1 << 20, "1.0 MiB"),
        (5_583_457_484, "5.2 GiB"), (1 << 50, "1.0 PiB"), (Int.max, "8192.0 PiB"),
    ])
    func bytesHaveBinaryUnits(number: Int, text: String) { #expect(number.binaryUnits == text) }

    @Test(arguments: [
        (0, "0:00"), (59, "0:59"), (60, "1:00"), (127, "2:07"), (3727, "1:02:07"), (360_000, "100:00:00"),
    ])
    func secondsAreAClock(number: Int, text: String) { #expect(number.clock == text) }

    @Test func nounsAgree() {
        #expect([0, 1, 2000].map { $0.counted("path") } == ["0 paths", "1 path", "2,000 paths"])
    }

    @Test(arguments: [20, 40, 60, 80, 200])
    func progressFitsItsLine(columns: Int) {
        let counts = ProgressBar.Progress(entries: 500, bytes: 123_456_789)
        for total in [nil, 0, 1000, 10] {
            let line = ProgressBar.line(counts, total: total, seconds: 10, columns: columns)
            #expect(line.count < columns)
        }
    }

    @Test func progressTellsWhatIsLeft() {
        let counts = ProgressBar.Progress(entries: 250, bytes: 10 << 20)
        let line = ProgressBar.line(counts, total: 1000, seconds: 10, columns: 100)
        #expect(line == "[#######-----------------------] 250 of 1,000 files, 10.0 MiB, 1.0 MiB/s, 0:30 left")
        let uncounted = ProgressBar.line(counts, total: nil, seconds: 10, columns: 100)
        #expect(uncounted == "250 files, 10.0 MiB, 1.0 MiB/s")
        // More was there than the census saw.
        #expect(
            ProgressBar.line(counts, total: 100, seconds: 10, columns: 100).hasSuffix(
                "250 of 250 files, 10.0 MiB, 1.0 MiB/s, 0:00 left"))
        let begun = ProgressBar.line(ProgressBar.Progress(), total: 1000, seconds: 0, columns: 100)
        #expect(begun == "0 of 1,000 files, 0 B, 0 B/s")
    }
}
