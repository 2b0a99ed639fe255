import SystemCalls
import TestSupport
import Testing
import TreeCopy

/// Every strategy has to give every shape of file on every file system, and to say how it got there.
@Suite struct PlacerConformanceTests {
    /// What a strategy comes to on one file system.
    private enum Way { case linked, cloned, copied }

    private static func way(_ strategy: Strategy, _ shape: FileShape, _ system: MountedFileSystem) -> Way {
        switch strategy {
        case .hardlink: .linked
        case .reflink: system.supportsReflink && !shape.isEmpty ? .cloned : .copied
        case .copy: .copied
        }
    }

    @Test(arguments: FileSystemKind.allCases, Strategy.allCases)
    func everyShapeArrives(kind: FileSystemKind, strategy: Strategy) throws {
        guard let system = try FileSystemMatrix.require(kind) else { return }
        let scratch = try system.scratch()
        for shape in FileShape.all where shape.fits(system) {
            let place = scratch / ByteString(shape.name)
            try TreeBuilder.build(at: place) { _ in }
            try shape.build(at: place / "source")
            try expectArrival(of: shape, by: strategy, in: place, on: system)
        }
    }

    private func expectArrival(
        of shape: FileShape, by strategy: Strategy, in place: ByteString, on system: MountedFileSystem
    ) throws {
        let report = copyTree(place / "source", to: place / "copy") { $0.strategy = strategy.choice }
        #expect(report.errors == [] && report.warningCount == 0, "\(shape)")
        #expect(try difference(place / "source", place / "copy") == [], "\(shape)")
        let others = shape.otherNames.count
        let counts = report.counts
        switch Self.way(strategy, shape, system) {
        case .linked: #expect(counts.linked == 1 + others, "\(shape)")
        case .cloned: #expect(counts.cloned == 1 && counts.relinked == others, "\(shape)")
        case .copied: #expect(counts.copied == 1 && counts.relinked == others, "\(shape)")
        }
        let isFallback = strategy == .reflink && !system.supportsReflink && !shape.isEmpty
        #expect(report.fallbacks == (isFallback ? ["not supported here": 1] : [:]), "\(shape)")
    }

    /// `--strict` refuses what the strategy cannot do, and leaves no half-made file.
    @Test(arguments: FileSystemKind.allCases)
    func strictReflinkRefusesWhereThereIsNone(kind: FileSystemKind) throws {
        guard let system = try FileSystemMatrix.require(kind) else { return }
        let scratch = try system.scratch()
        try FileShape("some", .pattern(size: 5000)).build(at: scratch / "source")
        let report = copyTree(scratch / "source", to: scratch / "copy") {
            $0.strategy = .reflink
            $0.isStrict = true
        }
        #expect(report.errors.map(\.errno?.name) == (system.supportsReflink ? [] : ["EOPNOTSUPP"]))
        #expect(try TreeSnapshot(of: scratch / "copy").count == (system.supportsReflink ? 2 : 1))
    }
}
