import Glibc
import Measuring
import Testing

@testable import Plotting

@Suite struct DrawingTests {
    @Test func namesAreEscaped() throws {
        let svg = try Self.bars(named: "a<b> & \"c\"\u{1}").svg
        #expect(try #require(svg).contains(">a&lt;b&gt; &amp; &quot;c&quot;\u{fffd}</text>"))
    }

    @Test func theSameDataGiveTheSameBytes() throws {
        #expect(try Self.bars(named: "cp -a").svg == Self.bars(named: "cp -a").svg)
        #expect(try Self.curves().svg == Self.curves().svg)
    }

    @Test func whatOpensIsClosed() throws {
        #expect(try Self.isBalanced(#require(Self.bars(named: "</text> & <").svg)))
        #expect(try Self.isBalanced(#require(Self.curves().svg)))
    }

    @Test func nothingToSeeIsNoPlot() {
        #expect(BarPlot(title: "", subtitle: "", reference: "", [.init("empty", [])]).svg == nil)
        let axis = LinePlot.Axis("", .linear) { fixed($0) }
        #expect(LinePlot(title: "", subtitle: "", x: axis, y: axis, []).svg == nil)
    }

    @Test func onlyWhatLostSomethingIsHatched() throws {
        #expect(try #require(Self.bars(named: "a", .lossy).svg).contains("lost something"))
        #expect(try !#require(Self.bars(named: "a", .whole).svg).contains("lost something"))
    }

    @Test func barsComeFromTheLowestRatioOn() throws {
        let (low, high) = (try #require(Spread([1])), try #require(Spread([2])))
        let group = BarPlot.Group("g", [.init("z", low), .init("b", high), .init("a", high)])
        #expect(group.bars.map(\.name) == ["z", "a", "b"])
    }

    @Test func namesOfCurvesDoNotOverlap() {
        #expect(LinePlot.Field.spread([10, 12, 100], atLeast: 30, until: 200) == [10, 40, 100])
        #expect(LinePlot.Field.spread([180, 190, 195], atLeast: 30, until: 200) == [140, 170, 200])
    }

    private static func bars(named name: String, _ kind: BarPlot.Bar.Kind = .whole) throws -> BarPlot {
        let ratio = try #require(Spread([1.9, 2, 2.3]))
        return BarPlot(
            title: "Ratios", subtitle: "of times", reference: "repot", [.init("ext4", [.init(name, ratio, kind)])])
    }

    private static func curves() throws -> LinePlot {
        let samples = try [1.0, 10, 100].map { LinePlot.Sample(x: $0, y: try #require(Spread([$0, $0 * 1.2]))) }
        return LinePlot(
            title: "Time", subtitle: "by files", x: .init("files", .logarithmic) { fixed($0, digits: 0) },
            y: .init("seconds", .logarithmic) { fixed($0) }, [.init("repot", .blue, samples)],
            landmarks: [.init(x: 10, name: "here")])
    }

    /// Every opening tag is followed by its closing one, and attributes hold no bare angle brackets.
    private static func isBalanced(_ svg: String) -> Bool {
        var open: [Substring] = []
        for part in svg.split(separator: "<").map({ $0.prefix { $0 != ">" } }) {
            if part.hasSuffix("/") { continue }
            if part.hasPrefix("/") {
                if open.popLast() != part.dropFirst() { return false }
            } else {
                open.append(part.prefix { $0 != " " })
            }
        }
        return open.isEmpty
    }
}
