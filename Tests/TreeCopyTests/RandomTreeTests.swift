import SystemCalls
import TestSupport
import Testing
import TreeCopy

/// Properties of every copy, shown on random trees. `SEED=n swift test --filter RandomTreeTests` replays one.
@Suite struct RandomTreeTests {
    private let scratch: Scratch
    private var source: ByteString { scratch / "source" }

    init() throws { scratch = try Scratch() }

    private func build(_ seed: UInt64) throws {
        let shape: RandomTree.Shape = OrdinaryUser.isRoot ? .asRoot : .asUser
        try RandomTree(seed: seed, shape: shape).build(at: source)
    }

    @Test(arguments: Seeds.all, [1, 2, 8])
    func copyEqualsItsSource(seed: UInt64, workers: Int) throws {
        try build(seed)
        let report = copyTree(source, to: scratch / "copy") { $0.workers = workers }
        #expect(report.errors.isEmpty && report.warnings.isEmpty, "SEED=\(seed)")
        #expect(try difference(source, scratch / "copy") == [], "SEED=\(seed)")
        #expect(report.counts.entries == (try TreeSnapshot(of: source)).count, "SEED=\(seed)")
    }

    @Test(arguments: Seeds.all, [Publication.whenDone, .whole])
    func copyOfACopyEqualsTheSource(seed: UInt64, publication: Publication) throws {
        try build(seed)
        copyTree(source, to: scratch / "first", publication: publication)
        let report = copyTree(scratch / "first", to: scratch / "second", publication: publication)
        #expect(report.errors.isEmpty, "SEED=\(seed)")
        #expect(try difference(source, scratch / "second") == [], "SEED=\(seed)")
        #expect(try TreeSnapshot(of: scratch.path).paths.allSatisfy { !$0.description.contains(".repot-") })
    }

    @Test(arguments: Seeds.all, [1, 8])
    func copyingAgainGivesTheSameTree(seed: UInt64, workers: Int) throws {
        try build(seed)
        copyTree(source, to: scratch / "copy") { $0.workers = workers }
        let report = copyTree(source, to: scratch / "copy") { $0.workers = workers }
        #expect(report.errors.isEmpty, "SEED=\(seed)")
        #expect(try difference(source, scratch / "copy") == [], "SEED=\(seed)")
    }

    /// Over another tree: what the source does not have stays, so only its own entries are compared.
    @Test(arguments: Seeds.all)
    func copyOverAChangedCopyRepairsIt(seed: UInt64) throws {
        try build(seed)
        copyTree(source, to: scratch / "copy")
        let changed = try TreeSnapshot(of: scratch / "copy")
        for path in changed.paths where changed[path]?.kind == .regular {
            try TreeBuilder(at: scratch / "copy").set(
                Attributes(mode: 0o640, modified: .future, accessList: .allowing(user: 7, .all)), on: path)
        }
        let report = copyTree(source, to: scratch / "copy") { $0.existing = .overwrite(force: true) }
        #expect(report.errors.isEmpty, "SEED=\(seed)")
        #expect(try difference(source, scratch / "copy") == [], "SEED=\(seed)")
    }

    @Test(arguments: Seeds.all, [Strategy.copy, .reflink, .hardlink])
    func sourceStaysAsItWas(seed: UInt64, strategy: Strategy) throws {
        try build(seed)
        let before = try TreeSnapshot(of: source)
        let times = try changeTimes(before)
        copyTree(source, to: scratch / "copy") { $0.strategy = strategy.choice }
        let after = try TreeSnapshot(of: source)
        #expect(TreeSnapshot.difference(before, after) == [], "SEED=\(seed)")
        // readlink(2) has no O_NOATIME, neither for the engine nor for the snapshot.
        let readable = before.paths.filter { before[$0]?.kind != .symbolicLink }
        #expect(readable.filter { before[$0]?.accessed != after[$0]?.accessed } == [], "SEED=\(seed)")
        // A new link is a change of the inode, and the only one.
        let kinds: (ByteString) -> Bool = { strategy != .hardlink || before[$0]?.kind == .directory }
        let now = try changeTimes(after)
        #expect(before.paths.filter { kinds($0) && times[$0] != now[$0] } == [], "SEED=\(seed)")
    }

    private func changeTimes(_ tree: TreeSnapshot) throws -> [ByteString: SystemCalls.Timestamp] {
        try tree.paths.reduce(into: [:]) { $0[$1] = try metadata(source / $1).changed }
    }

    @Test(arguments: Seeds.all, [1, 2, 8])
    func hardLinksShareEveryInode(seed: UInt64, workers: Int) throws {
        try build(seed)
        let report = copyTree(source, to: scratch / "copy") {
            $0.strategy = .hardlink
            $0.workers = workers
        }
        #expect(report.errors.isEmpty && report.fallbacks.isEmpty, "SEED=\(seed)")
        let tree = try TreeSnapshot(of: source)
        let strangers = try tree.paths.filter { path in
            guard tree[path]?.kind != .directory else { return false }
            return try metadata(source / path).identity != metadata(scratch / "copy" / path).identity
        }
        #expect(strangers == [], "SEED=\(seed)")
        #expect(try difference(source, scratch / "copy") == [], "SEED=\(seed)")
    }

    @Test(arguments: Seeds.first)
    func hardLinkingAgainSkipsEverything(seed: UInt64) throws {
        try build(seed)
        for _ in 1...2 { copyTree(source, to: scratch / "copy") { $0.strategy = .hardlink } }
        let report = copyTree(source, to: scratch / "copy") { $0.strategy = .hardlink }
        #expect(report.errors.isEmpty && report.counts.linked == 0 && report.counts.skipped > 0)
        #expect(try difference(source, scratch / "copy") == [], "SEED=\(seed)")
    }
}

extension Strategy {
    var choice: StrategyChoice {
        switch self {
        case .copy: .copy
        case .reflink: .reflink
        case .hardlink: .hardlink
        }
    }
}
