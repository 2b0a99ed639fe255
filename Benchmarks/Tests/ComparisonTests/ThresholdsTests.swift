import Testing

@testable import Comparison

@Suite struct ThresholdsTests {
    private static let text = """
        # a remark
          1.90   1.55  ext4-copy      cp -a

          1.50   1.20  xfs-reflink    cp -a --reflink=always
        """

    @Test func aPeerMayHaveSeveralWords() throws {
        let thresholds = try Thresholds(Self.text)
        #expect(thresholds["xfs-reflink", "cp -a --reflink=always"]?.gate == 1.2)
        #expect(thresholds["ext4-copy", "cp -a"]?.asked == 1.9)
        #expect(thresholds["ext4-copy", "cp -R"] == nil)
    }

    @Test func whatIsNotRunQuicklyHasNoGate() throws {
        let thresholds = try Thresholds("2.80  -  ext4-copy  rsync -aHAX")
        let line = try #require(thresholds["ext4-copy", "rsync -aHAX"])
        #expect(line.gate == nil)
        let proposed = Thresholds.line(2.5, line, "ext4-copy", "rsync -aHAX", isQuick: false)
        #expect(proposed == "  2.50   -  ext4-copy  rsync -aHAX")
    }

    @Test func aLineThatIsNoneIsAnError() {
        #expect(throws: (any Error).self) { try Thresholds("1.5 ext4-copy cp") }
    }

    @Test func theProposedLineCanBeReadAndIsLower() throws {
        let old = try #require(try Thresholds(Self.text)["ext4-copy", "cp -a"])
        let line = Thresholds.line(1.2, old, "ext4-copy", "cp -a", isQuick: false)
        let new = try #require(try Thresholds(line)["ext4-copy", "cp -a"])
        #expect(new.asked == 1.2)
        #expect(try #require(new.gate) < 1.2)
    }

    @Test func aQuickRunChangesTheGateOnly() throws {
        let old = try #require(try Thresholds(Self.text)["ext4-copy", "cp -a"])
        let line = Thresholds.line(1.2, old, "ext4-copy", "cp -a", isQuick: true)
        #expect(line == "  1.90   1.02  ext4-copy  cp -a")
    }
}
