import Nar
import NixClosure
import Pruning
import SystemCalls
import TestSupport
import Testing
import Verification

/// The expectation from a root file system's own registration and database.
@Suite struct OwnExpectationTests {
    private let staged: StagedStore

    init() throws { staged = try StagedStore() }

    private func register(_ infos: [PathInfo]) throws {
        try Command.succeed(["cp", try staged.registration(of: infos), staged.destination / "nix-path-registration"])
    }

    private func own() throws -> ExpectedStore? {
        try ExpectedStore.own(of: Path(staged.destination.bytes), in: staged.store, source: staged.source)
    }

    @Test("the registration is expected; without a registration and a database there is no expectation")
    func registrationComesFirst() throws {
        #expect(try own() == nil)
        try Command.succeed(["cp", try staged.registration(), staged.destination / "nix-path-registration"])
        let expectation = try #require(try own())
        #expect(expectation.infos == staged.infos && expectation.origin == "its registration")
    }

    @Test("a database without paths is no source")
    func emptyDatabase() throws {
        try staged.writeDatabase([])
        #expect(try own() == nil)
        try register(staged.infos)
        #expect(try own()?.origin == "its registration")
    }

    /// The paths in the registration and in the database, by their indices in the closure.
    private static let halves: [(registered: [Int], listed: [Int], origin: String)] = [
        ([0, 1], [2], "its registration and its Nix database"),
        ([0, 1, 2], [1], "its registration and its Nix database"),
        ([2], [0, 1, 2], "its registration and its Nix database"), ([], [0, 1, 2], "its Nix database"),
    ]

    @Test("the expected paths are those of the registration and those of the database", arguments: halves)
    func union(_ paths: (registered: [Int], listed: [Int], origin: String)) throws {
        let (registered, listed, origin) = paths
        if !registered.isEmpty { try register(registered.map { staged.infos[$0] }) }
        try staged.writeDatabase(listed.map { staged.infos[$0] })
        let expectation = try #require(try own())
        #expect(expectation.infos.sorted { $0.path < $1.path } == staged.infos && expectation.origin == origin)
        #expect(try Verification(of: staged.store, expectation).run().findings == [])
        try Command.succeed(["rm", "-rf", staged.place(StagedStore.app)])
        #expect(try Verification(of: staged.store, expectation).run().findings.map(\.summary) == ["missing app"])
    }

    @Test("for a path in both, the hash of the registration counts")
    func registrationWins() throws {
        var other = staged.infos[2]
        other.narHash = staged.infos[0].narHash
        try register(staged.infos)
        try staged.writeDatabase([other])
        #expect(try own()?.infos == staged.infos)
    }

    @Test("no finding recommends removing a path that the root file system's database lists")
    func listedPathsStay() throws {
        try staged.writeDatabase([staged.infos[2]])
        let listed = try ExpectedStore.listed(in: staged.store)
        #expect(listed == [staged.infos[2].path])
        let registration = try staged.registration(of: Array(staged.infos.prefix(2)))
        let document = try ClosureDocument(reading: Path(registration.bytes), staged.store)
        let expectation = ExpectedStore(try FoundClosure([document], in: staged.store), in: staged.source)
        for (listed, isRemoved) in [(listed, false), ([], true)] {
            var verification = Verification(of: staged.store, expectation)
            verification.listed = listed
            let findings = try verification.run().findings
            #expect(findings.map(\.summary) == ["unknown file"])
            #expect(findings.allSatisfy { $0.remedy.contains("remove") == isRemoved })
        }
    }

    @Test("beside a registration, a database that cannot be read is reported and not used")
    func unreadableDatabase() throws {
        try Command.succeed(["mkdir", "-p", staged.destination / "nix/var/nix/db"])
        try Command.succeed(["touch", staged.destination / "nix/var/nix/db/db.sqlite"])
        #expect(throws: ClosureError.self) { try own() }
        try register(staged.infos)
        let expectation = try #require(try own())
        #expect(expectation.origin == "its registration" && expectation.warnings.count == 1)
    }

    private static let document: ByteString = "33333333333333333333333333333333-document"

    @Test("the name of an absent path in a file is a note if the references are declared, and else a finding")
    func declaredReferences() throws {
        let staged = try StagedStore { tree in
            try tree.file(
                Self.document, .text("for example /nix/store/99999999999999999999999999999999-absent"),
                Attributes(mode: 0o444, modified: TestSupport.Timestamp(seconds: 1)))
        }
        let info = try [PathInfo(StagedStore.path(Self.document), references: [])].completed(in: staged.source)
        let infos = staged.infos + info
        let report = try staged.report(of: infos)
        #expect(report.isClean && report.notes.map(\.summary) == ["mentions-absent document "])
        let list = infos.map { "/nix/store/\($0.path)\n" }.joined()
        try TreeBuilder.build(at: staged.scratch / "lists") { try $0.file("list", .text(list)) }
        let listed = try ClosureDocument(reading: Path((staged.scratch / "lists/list").bytes), staged.store)
        for expectation in [
            ExpectedStore(try FoundClosure([listed], in: staged.store), in: staged.source),
            try ExpectedStore.asked(of: staged.source, about: infos.map(\.path), .scan),
        ] {
            let report = try Verification(of: staged.store, expectation).run()
            #expect(report.notes == [] && report.findings.map(\.summary) == ["names-absent document "])
        }
    }

    @Test("a store whose database cannot be read is scanned, unless the database is required")
    func aStoreWithABadDatabaseIsScanned() throws {
        try Command.succeed(["mkdir", "-p", staged.scratch / "root/nix/var/nix/db"])
        try Command.succeed(["touch", staged.scratch / "root/nix/var/nix/db/db.sqlite"])
        let paths = try StagedStore.all.map(StagedStore.path)
        let expectation = try ExpectedStore.asked(of: staged.source, about: paths, .auto)
        #expect(expectation.origin == "the store's scan" && expectation.infos.count == 3)
        #expect(throws: ClosureError.self) { try ExpectedStore.asked(of: staged.source, about: paths, .database) }
    }

    /// Opening a FIFO would block, and the symlink leads out of the root file system.
    @Test(
        "a FIFO or a symlink instead of the registration or of the prune record is an error",
        arguments: [["mkfifo"], ["ln", "-s", "/etc/passwd"]] as [[ByteString]])
    func onlyAFileIsRead(_ command: [ByteString]) throws {
        try Command.succeed(command + [staged.destination / "nix-path-registration"])
        try Command.succeed(command + [staged.destination / "nix-path-pruned"])
        let error = #expect(throws: ClosureError.self) { try own() }
        #expect(error?.description.contains("is not a registration") == true)
        let other = #expect(throws: PathError.self) {
            try PruneRecord(of: Path(staged.destination.bytes), in: staged.store)
        }
        #expect(other?.description.contains("is no file") == true)
    }

    @Test("a plain list instead of the registration is an error")
    func aListIsNoRegistration() throws {
        try TreeBuilder.build(at: staged.destination) { tree in
            try tree.file("nix-path-registration", .text("/nix/store/\(StagedStore.file)\n"))
        }
        #expect(throws: ClosureError.self) { try own() }
    }
}
