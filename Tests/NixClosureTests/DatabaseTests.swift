import Nar
import NixClosure
import StoreFixture
import SystemCalls
import TestSupport
import Testing

/// Nix's database as SQLite leaves it: with and without a log, where nothing can be written, and damaged.
@Suite struct DatabaseTests {
    private static let schema = """
        CREATE TABLE ValidPaths (id integer primary key autoincrement not null, path text unique not null, hash text not null, \
        registrationTime integer not null, deriver text, narSize integer, ultimate integer, sigs text, ca text); \
        CREATE TABLE Refs (referrer integer not null, reference integer not null, primary key (referrer, reference));
        """
    private static let hash = "sha256:0906975f7862732ef1e54fa6247fe7712fbba542e871c4cd5182e6c5639422cb"

    private let fake: FakeStore
    private var directory: ByteString { fake.root / "nix/var/nix/db" }

    init() throws {
        fake = try FakeStore()
        try Command.succeed(["mkdir", "-p", directory])
        try write("schema", "10")
    }

    private func write(_ name: ByteString, _ text: String) throws {
        try Command.succeed(["sh", "-c", "printf %s \"$1\" > \"$2\"", "sh", ByteString(text), directory / name])
    }

    /// Runs statements; with a log, what they wrote stays in it, as after a crash.
    private func sql(_ statements: String, mode: String = "delete", crashes: Bool = false) throws {
        let script = """
            import os, sqlite3, sys
            c = sqlite3.connect(sys.argv[1], isolation_level=None)
            c.execute('pragma journal_mode=' + sys.argv[3])
            c.execute('pragma wal_autocheckpoint=0')
            for statement in sys.argv[2].split(';'): c.execute(statement)
            if sys.argv[4] == 'True': os._exit(0)
            c.close()
            """
        try Command.succeed([
            "python3", "-c", ByteString(script), directory / "db.sqlite", ByteString(statements), ByteString(mode),
            crashes ? "True" : "False",
        ])
    }

    private static func path(_ id: Int, _ path: Path) -> String {
        "INSERT INTO ValidPaths VALUES (\(id), '\(path)', '\(hash)', 1, null, 100, 1, null, null);"
    }

    private static let rows =
        path(1, FakeStore.directory) + path(2, FakeStore.file) + path(3, FakeStore.link)
        + "INSERT INTO Refs VALUES (1, 2); INSERT INTO Refs VALUES (1, 1)"

    private func closure(of root: Path = FakeStore.directory) throws -> [PathInfo] {
        let root = try #require(fake.store.storePath(root))
        return try DatabaseSource(fake.store).infos(of: [root]).sorted { $0.path < $1.path }
    }

    private func expectClosure() throws {
        let infos = try closure()
        #expect(infos.map { $0.path.name } == ["directory", "file"])
        #expect(infos.map { $0.references.map(\.name) } == [["directory", "file"], []])
        #expect(infos.allSatisfy { $0.narHash?.base16 == String(Self.hash.dropFirst(7)) && $0.narSize == 100 })
    }

    @Test("the null hash and size 0 of a database mean unknown") func unknownHashes() throws {
        let null = "sha256:" + String(repeating: "0", count: 64)
        try sql(Self.schema + Self.rows + "; UPDATE ValidPaths SET hash = '\(null)', narSize = 0")
        #expect(try closure().allSatisfy { $0.narHash == nil && $0.narSize == nil })
    }

    /// All that is there, with times and content: nothing may be made, changed or removed.
    private func files() throws -> String {
        try Command.succeed(["sh", "-c", "cd \"$1\" && stat -c '%n %s %y %z' * && cat * | sha256sum", "sh", directory])
            .outputText
    }

    @Test(arguments: ["delete", "wal"], [false, true])
    func isReadAsItIs(_ mode: String, _ crashes: Bool) throws {
        try sql(Self.schema + Self.rows, mode: mode, crashes: crashes)
        let before = try files()
        #expect(before.contains("db.sqlite-wal") == (mode == "wal" && crashes))
        try expectClosure()
        #expect(try files() == before)
    }

    @Test(arguments: [false, true]) func onAReadOnlyMount(_ crashes: Bool) throws {
        try sql(Self.schema + Self.rows, mode: "wal", crashes: crashes)
        try Command.succeed(["mount", "--bind", "-o", "ro", directory, directory])
        defer { _ = try? Command.run(["umount", directory]) }
        try expectClosure()
    }

    @Test func withoutTheFileOfTheVersion() throws {
        try sql(Self.schema + Self.rows)
        try Command.succeed(["rm", directory / "schema"])
        try expectClosure()
    }

    /// What is in a journal was not committed: the database alone would be wrong.
    @Test func anInterruptedTransactionIsAnError() throws {
        try sql(Self.schema + Self.rows)
        let filler =
            "INSERT INTO Refs SELECT a.id * 1000 + b.id + 10, c.id FROM ValidPaths a, ValidPaths b, ValidPaths c"
        try sql("pragma cache_size=1;pragma cache_spill=1;BEGIN;" + Self.path(4, "/x") + filler, crashes: true)
        #expect(try files().contains("db.sqlite-journal"))
        let before = try files()
        let error = #expect(throws: ClosureError.self) { try closure() }
        #expect(error?.description.contains("was interrupted") == true)
        #expect(try files() == before)
    }

    /// SQLite removes the journal of a database that is empty.
    @Test func aJournalStays() throws {
        try write("db.sqlite", "")
        try write("db.sqlite-journal", String(repeating: "journal", count: 1000))
        let before = try files()
        #expect(throws: ClosureError.self) { try closure() }
        #expect(try files() == before)
    }

    @Test(arguments: ["9", "11", "", "ten"]) func otherVersions(_ version: String) throws {
        try sql(Self.schema + Self.rows)
        try write("schema", version)
        let error = #expect(throws: ClosureError.self) { try closure() }
        #expect(error?.description.contains("version \(version)") == true)
    }

    @Test(arguments: ["DROP TABLE Refs", "ALTER TABLE ValidPaths RENAME COLUMN narSize TO size"])
    func otherTables(_ change: String) throws {
        try sql(Self.schema + Self.rows + ";" + change)
        let error = #expect(throws: ClosureError.self) { try closure() }
        #expect(error?.description.contains("is not understood") == true)
    }

    /// Statements that replace a table with an endless computation, or a value with a large one.
    private static let hostile = [
        """
        DROP TABLE Refs; CREATE VIEW Refs AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) \
        SELECT x AS referrer, x AS reference FROM c
        """,
        """
        ALTER TABLE ValidPaths RENAME TO Others; CREATE VIEW ValidPaths AS SELECT id, path, \
        printf('%.*c', 900000000, 'x') AS hash, deriver, narSize, registrationTime, ca, sigs FROM Others
        """,
        "UPDATE ValidPaths SET hash = zeroblob(3000000)",
    ]

    @Test(
        "a database with an endless computation or with large values is refused", .timeLimit(.minutes(1)),
        arguments: hostile)
    func refusesHostileTables(_ change: String) throws {
        try sql(Self.schema + Self.rows + ";" + change)
        #expect(throws: ClosureError.self) { try closure() }
    }

    @Test("a version file without an end is refused") func limitsVersionFile() throws {
        try sql(Self.schema + Self.rows)
        try Command.succeed(["sh", "-c", "rm \"$1\" && ln -s /dev/zero \"$1\"", "sh", directory / "schema"])
        #expect(throws: ClosureError.self) { try closure() }
    }

    @Test func noDatabase() throws {
        try write("db.sqlite", String(repeating: "no database ", count: 1000))
        #expect(throws: ClosureError.self) { try closure() }
        try Command.succeed(["rm", directory / "db.sqlite"])
        let error = #expect(throws: ClosureError.self) { try closure() }
        #expect(error?.description.contains("there is no Nix database") == true)
    }

    @Test func pathsThatItDoesNotKnow() throws {
        try sql(Self.schema + Self.path(2, FakeStore.file))
        let error = #expect(throws: ClosureError.self) { try closure() }
        #expect(error?.path == FakeStore.directory)
        #expect(error?.description.contains("is not valid") == true)
    }

    /// The files of such a root may be an incomplete build. In a local-overlay store only Nix finds the lower store.
    @Test("a root that is not valid is final, and the message names the sources to choose")
    func invalidRootIsFinal() throws {
        try sql(Self.schema + Self.path(2, FakeStore.file))
        let root = try #require(fake.store.storePath(FakeStore.directory))
        #expect(try ClosureFinder(fake.store, .scan).find([root]).closure.contains(root))
        let error = #expect(throws: ClosureError.self) { try ClosureFinder(fake.store, .auto).find([root]) }
        #expect(error?.description.contains("is not valid") == true)
        #expect(error?.description.contains("use --closure-from nix, which also finds") == true)
    }

    @Test func aStoreThatItDoesNotKnow() throws {
        try sql(Self.schema + Self.path(1, "/other/store/00000000000000000000000000000000-x"))
        let error = #expect(throws: ClosureError.self) { try closure() }
        #expect(error?.description.contains("has no paths") == true)
    }

    @Test func aReferenceToNothing() throws {
        try sql(Self.schema + Self.rows + ";INSERT INTO Refs VALUES (1, 77)")
        let error = #expect(throws: ClosureError.self) { try closure() }
        #expect(error?.description.contains("77") == true)
    }

    /// Whoever writes at the same time, in either mode, never makes a half of a closure of it.
    @Test(arguments: ["delete", "wal"]) func whileSomebodyWrites(_ mode: String) throws {
        try sql(Self.schema + Self.rows, mode: mode)
        let script = """
            import sqlite3, sys, time
            c = sqlite3.connect(sys.argv[1], isolation_level=None)
            c.execute('pragma wal_autocheckpoint=20')
            # A disk that takes half a second for one fsync(2) makes the writer look dead.
            c.execute('pragma synchronous=off')
            end = time.time() + 3
            n = 1000
            while time.time() < end:
                c.execute('begin')
                c.execute("delete from Refs where referrer = 2")
                c.execute("delete from ValidPaths where id >= 1000")
                for k in range(50):
                    n += 1
                    c.execute("insert into ValidPaths values (?, '/nix/store/' || printf('%032d', ?) || '-x', '\(Self.hash)', 1, null, 1, 1, null, null)", (n, n))
                    c.execute("insert into Refs values (2, ?)", (n,))
                c.execute('commit')
                time.sleep(0.15)
            """
        let writer = try Command(["python3", "-c", ByteString(script), directory / "db.sqlite"]).start()
        var sizes: Set<Int> = []
        let end = ContinuousClock.now + .seconds(2.5)
        while ContinuousClock.now < end {
            do { sizes.insert(try closure().count) } catch let error as ClosureError {
                #expect(error.description.contains("does not stop changing"))
            }
        }
        #expect(try writer.finish().status == 0)
        sizes.insert(try closure().count)
        #expect(sizes.isSubset(of: [2, 52]), "\(sizes)")
        #expect(sizes.contains(52))
    }
}
