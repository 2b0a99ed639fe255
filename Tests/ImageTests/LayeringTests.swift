import Image
import NixClosure
import StoreFixture
import SystemCalls
import TestSupport
import Testing

@Suite struct LayeringTests {
    private let store: Store

    init() throws { store = try Store(directory: "/nix/store", root: nil) }

    private static let mebibyte: UInt64 = 1 << 20

    private func graph(_ infos: [PathInfo], _ roots: String...) throws -> ClosureGraph {
        try ClosureGraph(infos, roots: try roots.map { try StorePath(named: $0) }, in: store)
    }

    private func names(_ layering: Layering) -> [[String]] { layering.layers.map { $0.map(\.name) } }

    private func application(_ version: Int) throws -> [PathInfo] {
        [
            try PathInfo("app-\(version)", ["config-\(version)", "python", "numpy"], size: 100),
            try PathInfo("config-\(version)", size: 50),
            try PathInfo("numpy", ["python", "blas"], size: 30 * Self.mebibyte),
            try PathInfo("blas", ["libc"], size: 40 * Self.mebibyte),
            try PathInfo("python", ["libc", "openssl", "zlib"], size: 90 * Self.mebibyte),
            try PathInfo("openssl", ["libc"], size: 6 * Self.mebibyte), try PathInfo("zlib", ["libc"], size: 1000),
            try PathInfo("libc", size: 30 * Self.mebibyte),
        ]
    }

    @Test func theApplicationIsOnTopByItself() throws {
        let layering = Layering(try graph(try application(1), "app-1"), .cohort, Layering.Limits())
        #expect(names(layering).last == ["app-1", "config-1"])
        #expect(!names(layering).dropLast().joined().contains("app-1"))
    }

    @Test func aNewVersionChangesItsLayerAlone() throws {
        let old = Layering(try graph(try application(1), "app-1"), .cohort, Layering.Limits())
        let new = Layering(try graph(try application(2), "app-2"), .cohort, Layering.Limits())
        #expect(names(old).dropLast() == names(new).dropLast())
    }

    /// The large ones are apart from each other, as long as there is room.
    @Test func largePathsAreApart() throws {
        let layers = names(Layering(try graph(try application(1), "app-1"), .cohort, Layering.Limits()))
        for name in ["numpy", "blas", "python", "libc"] {
            let layer = try #require(layers.first { $0.contains(name) })
            #expect(Set(layer).intersection(["numpy", "blas", "python", "libc", "app-1"]) == [name])
        }
        // What only python leads to, and is small, goes with it.
        #expect(layers.contains { $0.contains("python") && $0.contains("zlib") })
    }

    @Test func layersOfThePreviousImageStay() throws {
        let limits = Layering.Limits()
        let old = Layering(try graph(try application(1), "app-1"), .cohort, limits)
        var more = try application(2)
        more[0] = try PathInfo("app-2", ["config-2", "python", "numpy", "redis"], size: 100)
        more.append(try PathInfo("redis", ["libc", "openssl"], size: 20 * Self.mebibyte))
        let new = Layering(try graph(more, "app-2"), .cohort, limits, previous: old.layers)
        #expect(names(new).starts(with: names(old).dropLast()))
        #expect(names(new).count == names(old).count + 1)
        #expect(names(new).suffix(2) == [["redis"], ["app-2", "config-2"]])
    }

    @Test func whatIsGoneIsNotKept() throws {
        let old = Layering(try graph(try application(1), "app-1"), .cohort, Layering.Limits())
        let fewer = try application(1).map { info in
            info.path.name == "app-1" ? try PathInfo("app-1", ["config-1", "python"], size: 100) : info
        }
        let new = Layering(try graph(fewer, "app-1"), .cohort, Layering.Limits(), previous: old.layers)
        #expect(!names(new).joined().contains("numpy"))
        #expect(Set(new.layers.joined()) == Set(try graph(fewer, "app-1").closure.storePaths))
    }

    @Test func pinsHaveTheirOwnLayers() throws {
        var limits = Layering.Limits()
        limits.isPinned = { $0.name == "zlib" || $0.name.hasPrefix("config") }
        for rule in Layering.Rule.allCases {
            let layers = names(Layering(try graph(try application(1), "app-1"), rule, limits))
            #expect(layers.contains(["zlib"]) && layers.contains(["config-1"]), "\(rule)")
        }
    }

    /// Of pins without room those that share layers are told of.
    @Test func pinsWithoutRoomAreCounted() throws {
        var limits = Layering.Limits()
        limits.isPinned = { !$0.name.hasPrefix("app") }
        let graph = try graph(try application(1), "app-1")
        #expect(Layering(graph, .cohort, limits).crowded.isEmpty)
        limits.layers = 4
        for rule in Layering.Rule.allCases {
            let layering = Layering(graph, rule, limits)
            #expect(layering.layers.count <= 4 && layering.crowded.count == 4, "\(rule)")
        }
        limits.layers = 1
        #expect(Layering(graph, .single, limits).crowded.count == 7)
    }

    /// As many old layers as fit, and one for all else.
    @Test func oldLayersGiveRoom() throws {
        let old = Layering(try graph(try application(1), "app-1"), .cohort, Layering.Limits())
        var limits = Layering.Limits()
        limits.layers = old.layers.count
        let same = Layering(try graph(try application(1), "app-1"), .cohort, limits, previous: old.layers)
        #expect(same.layers == old.layers)
        limits.layers -= 1
        let fewer = Layering(try graph(try application(1), "app-1"), .cohort, limits, previous: old.layers)
        #expect(fewer.layers.count == limits.layers && fewer.layers.starts(with: old.layers.dropLast(2)))
    }

    @Test func rules() throws {
        let graph = try graph(try application(1), "app-1")
        #expect(Layering(graph, .single, Layering.Limits()).layers == [graph.closure.storePaths])
        #expect(Layering(graph, .path, Layering.Limits()).layers.allSatisfy { $0.count == 1 })
        var limits = Layering.Limits()
        limits.layers = 3
        #expect(names(Layering(graph, .path, limits)).dropFirst().sorted { $0[0] < $1[0] } == [["blas"], ["python"]])
    }

    /// Whatever the graph: each path once, no more layers than allowed, the same from any order.
    @Test(arguments: 1...12) func anyGraph(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let infos = try (0..<60).map { place in
            let below = (0..<place).filter { _ in random.next() % 9 == 0 }
            return try PathInfo("p\(place)", below.map { "p\($0)" }, size: 1 << (random.next() % 27))
        }
        let graph = try ClosureGraph(infos, roots: [infos[59].path, infos[58].path], in: store)
        var previous: [[StorePath]] = []
        for most in [127, 40, 10, 3, 1] {
            for rule in Layering.Rule.allCases {
                var limits = Layering.Limits()
                limits.layers = most
                limits.isPinned = { $0.name.hasSuffix("7") }
                for old in [[], previous] {
                    let layers = Layering(graph, rule, limits, previous: old).layers
                    #expect(layers.count <= most, "\(rule), \(most), seed \(seed)")
                    #expect(layers.joined().sorted() == graph.closure.storePaths, "\(rule), \(most), seed \(seed)")
                    let shuffled = try ClosureGraph(infos.reversed(), roots: graph.roots, in: store)
                    #expect(Layering(shuffled, rule, limits, previous: old).layers == layers)
                }
                previous = Layering(graph, rule, limits).layers
            }
        }
    }
}
