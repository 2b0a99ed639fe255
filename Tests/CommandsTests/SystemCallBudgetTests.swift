import TestSupport
import Testing

/// What an entry costs in system calls: the difference between a small tree and a large one.
@Suite struct SystemCallBudgetTests {
    /// Reading directories comes to three calls for two hundred entries.
    private static let listing = 0.06
    private static let few = 100
    private static let many = 1100

    private func expect(
        atMost budget: Double, on kind: FileSystemKind, _ options: [ByteString] = ["-R"],
        _ make: (TreeBuilder, Int) throws -> Void
    ) throws {
        guard let system = try FileSystemMatrix.require(kind) else { return }
        let scratch = try system.scratch()
        var counts: [SystemCallCount] = []
        for size in [Self.few, Self.many] {
            let (source, copy) = (scratch / "source\(size)", scratch / "copy\(size)")
            try TreeBuilder.build(at: source) { tree in
                for index in 0..<size { try make(tree, index) }
            }
            let command = [Repot.path, "-j2"] + options + [source, copy]
            counts.append(try SystemCallCount(command, report: scratch / "report"))
            #expect(try difference(source, copy) == [])
        }
        let growth = counts[1].growth(since: counts[0], entries: Self.many - Self.few)
        #expect(growth.values.reduce(0, +) <= budget + Self.listing, "\(growth)")
    }

    @Test func hardLinkTakesOneCall() throws {
        try expect(atMost: 1, on: .ext4, ["-Rl"]) { try $0.file("\($1)", .text("x")) }
    }

    @Test(arguments: [FileSystemKind.xfs, .btrfs])
    func reflinkTakesEightCalls(kind: FileSystemKind) throws {
        try expect(atMost: 8, on: kind) { try $0.file("\($1)", .pattern(size: 5000)) }
    }

    @Test(arguments: [1, 4096, 262_144])
    func fileTakesNineCalls(size: Int) throws {
        try expect(atMost: 9, on: .tmpfs) { try $0.file("\($1)", .pattern(size: size), Attributes(mode: 0o444)) }
    }

    @Test(arguments: [FileSystemKind.ext4, .tmpfs])
    func symlinkTakesFiveCalls(kind: FileSystemKind) throws {
        try expect(atMost: 5, on: kind) { try $0.symbolicLink("\($1)", to: "target") }
    }

    @Test(arguments: [FileSystemKind.ext4, .tmpfs])
    func folderTakesElevenCalls(kind: FileSystemKind) throws {
        try expect(atMost: 11, on: kind) { try $0.directory("\($1)", Attributes(mode: 0o555)) }
    }
}
