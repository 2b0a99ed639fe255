import NixClosure
import StoreFixture
import SystemCalls
import TestSupport
import Testing

/// Names for paths, and the closure of `app` by them: two ways lead to libc, one to openssl; the outputs of tool refer
/// to each other.
@Suite struct ClosureGraphTests {
    private let store: Store
    private let infos: [PathInfo]

    init() throws {
        store = try Store(directory: "/nix/store", root: nil)
        infos = [
            try PathInfo("app", ["app", "curl", "libc"], size: 1), try PathInfo("curl", ["openssl", "libc"], size: 10),
            try PathInfo("openssl", ["libc"], size: 100), try PathInfo("libc", ["libc"], size: 1000),
            try PathInfo("tool", ["tool-lib", "openssl"], size: 10_000),
            try PathInfo("tool-lib", ["tool"], size: 100_000),
        ]
    }

    private func graph(_ roots: String...) throws -> ClosureGraph {
        try ClosureGraph(infos, roots: try roots.map { try StorePath(named: $0) }, in: store)
    }

    private func names(_ paths: [StorePath]) -> [String] { paths.map(\.name) }

    @Test func onlyWhatTheRootsLeadTo() throws {
        #expect(Set(names(try graph("curl").infos.map(\.path))) == ["curl", "openssl", "libc"])
        #expect(Set(names(try graph("tool", "app").closure.storePaths)).count == 6)
    }

    @Test func dependenciesComeFirst() throws {
        let graph = try graph("app", "tool")
        let order = graph.dependenciesFirst.map(\.path)
        #expect(Set(order) == Set(graph.infos.map(\.path)))
        for (place, path) in order.enumerated() where !path.name.hasPrefix("tool") {
            for reference in graph[path]?.references ?? [] where reference != path {
                #expect(try #require(order.firstIndex(of: reference)) < place)
            }
        }
    }

    @Test func aReferenceThatNobodyKnows() throws {
        let error = #expect(throws: ClosureError.self) {
            try ClosureGraph([try PathInfo("a", ["b"])], roots: [try StorePath(named: "a")], in: store)
        }
        #expect(error?.path == store.path(of: try StorePath(named: "b")))
    }

    @Test("a package is found by its name and version, or by its name alone")
    func packages() throws {
        let names = ["gcc-13.2.0", "gcc-13.2.0-lib", "gcc-12.3.0", "gcc-wrapper-13.2.0", "gcc-unwrapped"]
        let graph = try ClosureGraph(
            names.map { try PathInfo($0) }, roots: names.map { try StorePath(named: $0) }, in: store)
        func found(_ name: String) -> Set<String> { Set(self.names(graph.storePaths(ofPackage: name))) }
        #expect(found("gcc") == ["gcc-13.2.0", "gcc-13.2.0-lib", "gcc-12.3.0"])
        #expect(found("gcc-13.2.0") == ["gcc-13.2.0"])
        #expect(found("gcc-wrapper") == ["gcc-wrapper-13.2.0"])
        #expect(found("gc") == [] && found("gcc-13") == [] && found("") == [])
    }

    @Test func shortestChain() throws {
        let graph = try graph("app", "tool")
        #expect(names(try #require(graph.chain(to: try StorePath(named: "openssl")))) == ["tool", "openssl"])
        #expect(names(try #require(graph.chain(to: try StorePath(named: "libc")))) == ["app", "libc"])
        #expect(names(try #require(graph.chain(to: try StorePath(named: "app")))) == ["app"])
        #expect(graph.chain(to: try StorePath(named: "elsewhere")) == nil)
    }

    @Test func tops() throws {
        #expect(Set(names(ClosureGraph.tops(of: Array(infos[..<4])))) == ["app"])
        #expect(ClosureGraph.tops(of: infos).count == 2)
        #expect(ClosureGraph.tops(of: infos + infos) == ClosureGraph.tops(of: infos))
        // Of a cycle without anything above it, one stands for all.
        #expect(names(ClosureGraph.tops(of: Array(infos[4...]))).count == 1)
    }

    /// Nothing gets lost, and no top is below another.
    @Test(arguments: 1...50) func topsLeadToAll(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let infos = try (0..<12).map { place in
            try PathInfo("p\(place)", (0..<12).filter { _ in random.next() % 12 == 0 }.map { "p\($0)" })
        }
        let tops = ClosureGraph.tops(of: infos)
        #expect(try ClosureGraph(infos, roots: tops, in: store).infos.count == 12, "seed \(seed)")
        for top in tops {
            let others = try ClosureGraph(infos, roots: tops.filter { $0 != top }, in: store)
            #expect(others[top] == nil, "seed \(seed)")
        }
    }

    @Test func sizes() throws {
        let sizes = ClosureSizes(try graph("app", "tool"))
        let rows = Dictionary(uniqueKeysWithValues: sizes.rows.map { ($0.info.path.name, $0) })
        #expect(sizes.total == 111_111)
        #expect(rows["app"]?.closure == 1111)
        #expect(rows["app"]?.alone == 11)
        #expect(rows["tool"]?.alone == 110_000)
        #expect(rows["tool"]?.pathsAlone == 2)
        #expect(rows["openssl"]?.alone == 100)
        #expect(rows["libc"]?.closure == 1000)
    }

    /// A document may claim any size.
    @Test func sizesThatNothingHas() throws {
        let infos = try ["a", "b", "c"].map { try PathInfo($0, $0 == "a" ? ["b", "c"] : [], size: .max - 1) }
        let graph = try ClosureGraph(infos, roots: [try StorePath(named: "a")], in: store)
        let sizes = ClosureSizes(graph)
        #expect(sizes.total == .max)
        #expect(sizes.rows.map(\.closure).max() == .max)
        #expect(sizes.rows.map(\.alone).max() == .max)
        #expect(ClosureDiff(from: [PathInfo](), to: infos).bytes == .max)
    }

    /// A root that another root leads to would stay.
    @Test func rootBelowAnother() throws {
        let sizes = ClosureSizes(try graph("app", "curl"))
        #expect(sizes.rows.first { $0.info.path.name == "curl" }?.alone == 0)
    }

    @Test("the size with references is that of the closure of the path alone", arguments: 1...20)
    func sizesWithReferences(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        // More nodes than a word has bits, sometimes with cycles.
        let count = 70 + Int(random.next() % 80)
        let mayHaveCycles = seed.isMultiple(of: 2)
        let infos = try (0..<count).map { node in
            let references = ((mayHaveCycles ? 0 : node + 1)..<count).filter { $0 != node && random.next() % 30 == 0 }
            return try PathInfo("p\(node)", references.map { "p\($0)" }, size: UInt64(random.next() % 1000))
        }
        let graph = try ClosureGraph(infos, roots: infos.map(\.path), in: store)
        for row in ClosureSizes(graph).rows {
            let alone = try ClosureGraph(infos, roots: [row.info.path], in: store)
            #expect(row.closure == alone.infos.map { $0.narSize ?? 0 }.reduce(0, +), "\(row.info.path), seed \(seed)")
        }
    }

    @Test("a chain of 20,000 references is added up in seconds", .timeLimit(.minutes(1)))
    func sizesOfALongChain() throws {
        let count = 20_000
        let infos = try (0..<count).map { try PathInfo("p\($0)", $0 + 1 < count ? ["p\($0 + 1)"] : [], size: 1) }
        let rows = ClosureSizes(try ClosureGraph(infos, roots: [infos[0].path], in: store)).rows
        #expect(rows.map(\.closure).max() == 20_000)
        #expect(rows.map(\.closure).min() == 1)
    }

    /// Each path's removal, tried.
    @Test(arguments: 1...20)
    func aloneIsWhatGoes(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let count = 30
        let infos = try (0..<count).map { node in
            let references = (0..<count).filter { $0 != node && random.next() % 12 == 0 }
            return try PathInfo("p\(node)", references.map { "p\($0)" }, size: UInt64(random.next() % 1000))
        }
        let roots = [infos[0].path, infos[1].path]
        let graph = try ClosureGraph(infos, roots: roots, in: store)
        for row in ClosureSizes(graph).rows where !roots.contains(row.info.path) {
            let rest = graph.infos.filter { $0.path != row.info.path }.map { info in
                var left = PathInfo(info.path, references: info.references.filter { $0 != row.info.path })
                left.narSize = info.narSize
                return left
            }
            let without = ClosureSizes(try ClosureGraph(rest, roots: roots, in: store)).total
            #expect(row.alone == ClosureSizes(graph).total - without, "\(row.info.path), seed \(seed)")
        }
    }
}

@Suite struct ClosureLimitTests {
    private func violations(_ change: (inout ClosureLimits) -> Void) throws -> [ClosureViolation] {
        let infos = [
            try PathInfo("app", ["lib", "data"], size: 1), try PathInfo("lib", ["gcc"], size: 2),
            try PathInfo("gcc", size: 3),
            try PathInfo("data", size: 500),
        ]
        let store = try Store(directory: "/nix/store", root: nil)
        let graph = try ClosureGraph(infos, roots: [try StorePath(named: "app")], in: store)
        var limits = ClosureLimits()
        change(&limits)
        return limits.violations(graph, ClosureSizes(graph))
    }

    @Test func kept() throws {
        #expect(try violations { ($0.bytes, $0.paths) = (506, 4) }.isEmpty)
        #expect(try violations { $0.denied = [("x", { $0.name == "x" })] }.isEmpty)
    }

    @Test func broken() throws {
        let size = try #require(try violations { $0.bytes = 505 }.first)
        #expect(size.limit == .size(506, most: 505))
        #expect(size.chain.map(\.name) == ["app", "data"])
        let count = try #require(try violations { $0.paths = 3 }.first)
        #expect(count.limit == .count(4, most: 3))
        #expect(count.offender?.name == "lib")
        let denied = try violations { $0.denied = [("gcc", { $0.name == "gcc" })] }
        #expect(denied.map { $0.chain.map(\.name) } == [["app", "lib", "gcc"]])
    }
}
