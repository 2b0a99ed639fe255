import Nar
import NixClosure
import SystemCalls
import TestSupport
import Testing
import Verification

/// Store paths with unknown hashes, and databases with malformed rows.
@Suite struct UncheckedPathTests {
    private let staged: StagedStore

    init() throws { staged = try StagedStore() }

    private func unknown(_ info: PathInfo) -> PathInfo {
        var info = info
        (info.narHash, info.narSize) = (nil, nil)
        return info
    }

    /// A registration with null hashes for these paths.
    private func register(_ infos: [PathInfo], unknown: [Int]) throws {
        let known = infos.indices.map { unknown.contains($0) ? self.unknown(infos[$0]) : infos[$0] }
        var text = ""
        for info in known {
            text += "/nix/store/\(info.path)\n\(info.narHash?.base16 ?? String(repeating: "0", count: 64))\n"
            text += "\(info.narSize ?? 0)\n\n\(info.references.count)\n"
            text += info.references.map { "/nix/store/\($0)\n" }.joined()
        }
        try TreeBuilder.build(at: staged.destination) { try $0.file("nix-path-registration", .text(text)) }
    }

    private func own() throws -> ExpectedStore {
        try #require(
            try ExpectedStore.own(of: Path(staged.destination.bytes), in: staged.store, source: staged.source))
    }

    private func report(_ expectation: ExpectedStore) throws -> VerificationReport {
        try Verification(of: staged.store, expectation).run()
    }

    private func alter(_ name: ByteString) throws {
        let file = staged.place(name)
        try Command.succeed(["sh", "-c", "chmod u+w \"$0\" && printf x >>\"$0\" && chmod 444 \"$0\"", file])
        try Command.succeed(["touch", "-d", "@1", file])
    }

    private func removeFromSource(_ name: ByteString) throws {
        try Command.succeed(["rm", "-rf", staged.scratch / "root/nix/store" / name])
    }

    @Test("a hash that the registration lacks is that of the database")
    func hashOfDatabase() throws {
        try register(staged.infos, unknown: [2])
        try staged.writeDatabase(staged.infos)
        for name in StagedStore.all { try removeFromSource(name) }
        #expect(try report(own()).unchecked == [] && report(own()).isClean)
        try alter(StagedStore.file)
        #expect(try report(own()).findings.map(\.summary) == ["content file"])
    }

    @Test("a hash that both lack is that of the source's copy")
    func hashOfSource() throws {
        try register(staged.infos, unknown: [2])
        try staged.writeDatabase([unknown(staged.infos[2])])
        #expect(try report(own()).unchecked == [])
        try alter(StagedStore.file)
        #expect(try report(own()).findings.map(\.summary) == ["content file"])
    }

    @Test("a path whose hash is unknown everywhere is not checked, and all others are")
    func unknownHash() throws {
        try register(staged.infos, unknown: [0, 2])
        try removeFromSource(StagedStore.file)
        var found = try report(own())
        #expect(found.isClean && found.unchecked.map(\.path) == [staged.infos[2].path])
        #expect(found.storePaths == 3 && found.unchecked.first?.reason == nil)
        try alter(StagedStore.app / "share/text")
        try Command.succeed(["chmod", "755", staged.place(StagedStore.file)])
        found = try report(own())
        #expect(found.findings.map(\.kind).sorted() == ["content", "mode"])
    }

    @Test("a document without hashes does not end the run at a path that the source lacks")
    func documents() throws {
        try removeFromSource(StagedStore.file)
        try TreeBuilder.build(at: staged.scratch / "lists") { tree in
            try tree.file("list", .text(staged.infos.map { "/nix/store/\($0.path)\n" }.joined()))
        }
        let document = try ClosureDocument(reading: Path((staged.scratch / "lists/list").bytes), staged.store)
        let expectation = ExpectedStore(try FoundClosure([document], in: staged.store), in: staged.source)
        #expect(try report(expectation).unchecked.map(\.path) == [staged.infos[2].path])
        try Command.succeed(["rm", "-rf", staged.place(StagedStore.file)])
        #expect(try report(expectation).findings.map(\.summary) == ["missing file"])
        #expect(try report(expectation).unchecked == [])
    }

    @Test("the verified store's own copies are not the source of unknown hashes")
    func ownCopies() throws {
        try register(staged.infos, unknown: [1])
        let own = try ExpectedStore.own(of: Path(staged.destination.bytes), in: staged.store, source: nil)
        #expect(try report(try #require(own)).unchecked.map(\.path) == [staged.infos[1].path])
    }

    @Test("an error while reading the source's copy is reported, and the run continues")
    func unreadableCopy() throws {
        try register(staged.infos, unknown: [2])
        let copy = staged.scratch / "root/nix/store" / StagedStore.file
        try Command.succeed(["rm", "-rf", copy])
        try Command.succeed(["mkfifo", copy])
        let found = try report(own())
        #expect(found.isClean && found.unchecked.map(\.path) == [staged.infos[2].path])
        #expect(found.unchecked.first?.reason?.path == Path(copy.bytes))
    }

    @Test("an error while reading the root file system's database reaches the caller")
    func listedPaths() throws {
        #expect(try ExpectedStore.listed(in: staged.store) == [])
        try Command.succeed(["mkdir", "-p", staged.destination / "nix/var/nix/db"])
        try Command.succeed(["touch", staged.destination / "nix/var/nix/db/db.sqlite"])
        #expect(throws: ClosureError.self) { try ExpectedStore.listed(in: staged.store) }
    }

    @Test("an error while looking for store paths in the source reaches the caller", .enabled(if: OrdinaryUser.isRoot))
    func unreadableSource() throws {
        let loop = Path((staged.scratch / "loop").bytes)
        try Command.succeed(["mkdir", "-p", staged.scratch / "loop/nix"])
        try Command.succeed(["ln", "-s", "store", staged.scratch / "loop/nix/store"])
        let source = try Store(directory: "/nix/store", root: loop)
        #expect(throws: ClosureError.self) {
            try ExpectedStore.asked(of: source, about: staged.infos.map(\.path), .scan)
        }
    }

    /// Malformed paths of rows, and the findings.
    private static let rows = [
        ("/nix/store/foo", "malformed-row foo"),
        ("/nix/store/\(StagedStore.file)/bin", "malformed-row \(StagedStore.file)/bin"),
        ("/nix/store/.links", "malformed-row .links"),
    ]

    @Test("a database row that is not about a store path is a finding, and the run continues", arguments: rows)
    func malformedRow(_ path: String, _ finding: String) throws {
        try staged.writeDatabase(staged.infos, rows: [path])
        let found = try report(own())
        #expect(found.storePaths == 3 && found.findings.map(\.summary) == [finding])
        #expect(found.findings.first?.text(in: staged.store).hasPrefix("'\(path)' is a row of ") == true)
        #expect(found.damaged == [])
        try alter(StagedStore.file)
        #expect(try report(own()).findings.map(\.kind).sorted() == ["content", "malformed-row"])
    }

    @Test("a malformed reference or deriver is a finding for its row, and the run continues")
    func malformedText() throws {
        try staged.writeDatabase(
            staged.infos, rows: ["/gnu/store/x"],
            changes: [
                "INSERT INTO Refs SELECT a.id, b.id FROM ValidPaths a, ValidPaths b WHERE a.path = "
                    + "'/nix/store/\(StagedStore.file)' AND b.path = '/gnu/store/x';",
                "UPDATE ValidPaths SET deriver = 'none.drv' WHERE path = '/nix/store/\(StagedStore.library)';",
            ])
        let found = try report(own())
        #expect(found.findings.map(\.summary) == ["malformed-row library", "malformed-row file"])
        #expect(found.findings.map { $0.text(in: staged.store) }.allSatisfy { $0.contains("is not a store path") })
        #expect(found.storePaths == 3)
    }
}
