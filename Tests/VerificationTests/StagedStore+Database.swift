import Nar
import NixClosure
import TestSupport

extension StagedStore {
    private static let schema = """
        CREATE TABLE ValidPaths (id integer primary key autoincrement not null, path text unique not null, \
        hash text not null, registrationTime integer not null, deriver text, narSize integer, ultimate integer, \
        sigs text, ca text); \
        CREATE TABLE Refs (referrer integer not null, reference integer not null, primary key (referrer, reference));
        """

    /// Writes a Nix database into the root file system.
    ///
    /// - Parameters:
    ///   - infos: the store paths that it lists. An unknown hash is the null hash.
    ///   - paths: the paths of more rows.
    ///   - changes: statements that are executed in the end.
    func writeDatabase(_ infos: [PathInfo], rows paths: [String] = [], changes: [String] = []) throws {
        let directory = destination / "nix/var/nix/db"
        try Command.succeed(["mkdir", "-p", directory])
        let null = String(repeating: "0", count: 64)
        let rows = infos.map { info in
            Self.row("/nix/store/\(info.path)", info.narHash?.base16 ?? null, info.narSize ?? 0)
        }
        let references = infos.flatMap { info in
            info.references.map { reference in
                "INSERT INTO Refs SELECT a.id, b.id FROM ValidPaths a, ValidPaths b "
                    + "WHERE a.path = '/nix/store/\(info.path)' AND b.path = '/nix/store/\(reference)';"
            }
        }
        let script = """
            import sqlite3, sys
            c = sqlite3.connect(sys.argv[1])
            c.executescript(sys.argv[2])
            """
        let statements = [Self.schema] + rows + paths.map { Self.row($0, null, 0) } + references + changes
        try Command.succeed([
            "python3", "-c", ByteString(script), directory / "db.sqlite", ByteString(statements.joined()),
        ])
    }

    private static func row(_ path: String, _ hash: String, _ size: UInt64) -> String {
        "INSERT INTO ValidPaths VALUES (null, '\(path)', 'sha256:\(hash)', 1, null, \(size), 0, null, null);"
    }
}
