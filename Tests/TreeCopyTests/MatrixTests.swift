import SystemCalls
import TestSupport
import Testing
import TreeCopy

/// Whole trees on each file system and from each to each other.
@Suite struct MatrixTests {
    private static let pairs = FileSystemKind.allCases.flatMap { from in FileSystemKind.allCases.map { (from, $0) } }

    /// What both can hold.
    private func shape(_ systems: MountedFileSystem...) -> RandomTree.Shape {
        var shape = RandomTree.Shape.asRoot
        if !systems.allSatisfy(\.supportsUserXattrs) { shape = shape.without(.userAttribute, .largeAttribute) }
        if !systems.allSatisfy(\.supportsTrustedXattrs) { shape = shape.without(.trustedAttribute, .attributedLink) }
        if !systems.allSatisfy(\.supportsACLs) { shape = shape.without(.accessList, .defaultAccessList) }
        return shape
    }

    @Test(arguments: pairs)
    func everyPairCopiesFaithfully(from: FileSystemKind, to: FileSystemKind) throws {
        guard let first = try FileSystemMatrix.require(from), let second = try FileSystemMatrix.require(to) else {
            return
        }
        let (source, target) = (try first.scratch(), try second.scratch())
        let seed = Seeds.all.last ?? 1
        try RandomTree(seed: seed, shape: shape(first, second)).build(at: source / "tree")
        // While btrfs writes a file back, its block count is too high for a moment, and its holes do not show.
        try Command.succeed(["sync", "-f", source / "tree"])
        for choice in [StrategyChoice.auto, .hardlink] {
            let copy = target / (choice == .auto ? "auto" : "hardlink")
            let report = copyTree(source / "tree", to: copy, publication: .whole) { $0.strategy = choice }
            #expect(report.errors == [], "SEED=\(seed)")
            let differences = try difference(source / "tree", copy)
            #expect(differences == [], "SEED=\(seed)")
            expectStrategy(report, choice, sameMount: from == to, reflinks: first.supportsReflink, seed)
        }
    }

    private func expectStrategy(
        _ report: CopyReport, _ choice: StrategyChoice, sameMount: Bool, reflinks: Bool, _ seed: UInt64
    ) {
        let counts = report.counts
        switch (choice, sameMount) {
        case (.hardlink, true):
            #expect(counts.linked > 0 && counts.cloned + counts.copied == 0, "SEED=\(seed)")
        case (.hardlink, false):
            #expect(counts.linked == 0 && Set(report.fallbacks.keys) == ["crosses a mount"], "SEED=\(seed)")
        default:
            #expect(counts.linked == 0 && (counts.cloned > 0) == (sameMount && reflinks), "SEED=\(seed)")
        }
    }
}
