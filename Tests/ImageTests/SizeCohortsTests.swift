import NixClosure
import StoreFixture
import SystemCalls
import TestSupport
import Testing

@testable import Image

@Suite struct SizeCohortsTests {
    private static let mebibyte: UInt64 = 1 << 20

    /// Of many shapes: thin and dense, with cycles, with one root and with many, with few and many large paths.
    private func graph(_ random: inout SplitMix64, count: Int) throws -> ClosureGraph {
        let density = 2 + random.next() % 40
        let sizeBits = 15 + random.next() % 13
        let infos = try (0..<count).map { place in
            var below = (0..<place).filter { _ in random.next() % density == 0 }.map { "p\($0)" }
            // What refers to itself, and cycles.
            if random.next() % 5 == 0 { below.append("p\(place)") }
            if random.next() % 20 == 0 { below.append("p\(Int(random.next() % UInt64(count)))") }
            return try PathInfo("p\(place)", below, size: random.next() % (1 << (1 + random.next() % sizeBits)))
        }
        let store = try Store(directory: "/nix/store", root: nil)
        let more = (0..<random.next() % 4).map { _ in infos[Int(random.next() % UInt64(count))].path }
        return try ClosureGraph(infos, roots: ClosureGraph.tops(of: infos) + more, in: store)
    }

    @Test(arguments: 1...20) func groupsAreThoseOfTheSlowWay(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let graph = try graph(&random, count: 20 + Int(random.next() % 120))
        let left = random.next() % 8
        let infos = graph.dependenciesFirst.filter { _ in left == 0 || random.next() % left != 0 }
        for most in [1, 2, 5, 12, 40, 127] {
            for floor in [0, 1 << 12, Self.mebibyte] as [UInt64] {
                let groups = SizeCohorts(infos, graph, most: most, floor: floor).groups
                let former = FormerSizeCohorts(infos, graph, most: most, floor: floor).groups
                #expect(
                    groups.map { $0.map(\.path) } == former.map { $0.map(\.path) }, "seed \(seed), \(most), \(floor)")
                #expect(groups.count <= most)
            }
        }
    }

    /// No sum goes over, whatever a document claims.
    @Test func sizesThatNothingHas() throws {
        let infos = [
            try PathInfo("app", ["a", "b"], size: .max), try PathInfo("a", ["c"], size: .max),
            try PathInfo("b", ["c"], size: .max), try PathInfo("c", size: .max),
        ]
        let graph = try ClosureGraph(
            infos, roots: [infos[0].path], in: try Store(directory: "/nix/store", root: nil))
        #expect(SizeCohorts(infos, graph, most: 3, floor: .max).groups.joined().count == 4)
        #expect(SizeCohorts(infos, graph, most: 3, floor: 1).groups.count == 3)
    }

    @Test func nothingHasNoGroup() throws {
        let infos = [try PathInfo("app", size: 1)]
        let graph = try ClosureGraph(
            infos, roots: [infos[0].path], in: try Store(directory: "/nix/store", root: nil))
        #expect(SizeCohorts([], graph, most: 3, floor: 1).groups.isEmpty)
    }
}
