import Nar
public import SystemCalls

/// Reads Nix's database, without the nix program and without a lock; on a read-only mount too.
public struct DatabaseSource: ClosureSource {
    private let store: Store
    private let database: NixDatabase

    /// - Throws: an error if there is no database, if it cannot be read, or if it lists no path in this store.
    public init(_ store: Store) throws(ClosureError) {
        self.init(store, try NixDatabase(of: store))
        guard try listsPaths() else {
            throw ClosureError(
                database.path, "the Nix database \(database.path.quoted) has no paths in \(store.directory)")
        }
    }

    private init(_ store: Store, _ database: NixDatabase) {
        self.store = store
        self.database = database
    }

    /// The database of a store; nil if there is none, or if it lists no path in this store. Each nix command with
    /// `--store DIR` creates an empty one.
    ///
    /// - Throws: an error if the database cannot be read.
    public static func used(by store: Store) throws(ClosureError) -> DatabaseSource? {
        guard try NixDatabase.exists(for: store) else { return nil }
        let source = DatabaseSource(store, try NixDatabase(of: store))
        return try source.listsPaths() ? source : nil
    }

    private func listsPaths() throws(ClosureError) -> Bool {
        try database.read { (database) throws(Database.Failure) in
            // The character after the slash ends what begins with the directory.
            let statement = try database.statement(
                "SELECT 1 FROM ValidPaths WHERE path >= ?1 || '/' AND path < ?1 || '0' LIMIT 1")
            try statement.bind(store.directory.bytes)
            return try statement.step()
        }
    }

    /// Where it is.
    public var path: Path { database.path }

    /// The roots and all that they refer to.
    public func answer(about roots: [StorePath]) throws(ClosureError) -> ClosureAnswer {
        let rows = try database.read { (database) throws(Database.Failure) in
            try ValidPaths(database).closure(of: roots.map(store.path(of:)))
        }
        let infos = try rows.map { (row) throws(ClosureError) in try info(row) }
        let known = Set(infos.map(\.path))
        for root in roots where !known.contains(root) { throw .invalidPath(store.path(of: root), database.path) }
        return ClosureAnswer(infos, declaredCount: rows.count)
    }

    /// What it knows of these paths and of no others.
    public func infos(ofOnly paths: [StorePath]) throws(ClosureError) -> [PathInfo] {
        let rows = try database.read { (database) throws(Database.Failure) in
            try ValidPaths(database).rows(of: paths.map(store.path(of:)))
        }
        return try rows.map { (row) throws(ClosureError) in try info(row) }
    }

    /// All rows with paths in the store's directory.
    public func listing() throws(ClosureError) -> DatabaseListing {
        let rows = try database.read { (database) throws(Database.Failure) in
            let table = try ValidPaths(database)
            return try table.rows(of: table.paths(below: store.directory))
        }
        var listing = DatabaseListing()
        for row in rows { listing.add(row, in: store) }
        return listing
    }

    private func info(_ row: ValidPaths.Row) throws(ClosureError) -> PathInfo {
        var info = PathInfo(
            try storePath(row.path),
            references: try row.references.map { (path) throws(ClosureError) in try storePath(path) })
        (info.narHash, info.narSize) = (row.narHash, row.narSize)
        info.deriver = try row.deriver.map { (path) throws(ClosureError) in try storePath(path) }
        return info
    }

    private func storePath(_ bytes: [UInt8]) throws(ClosureError) -> StorePath {
        guard let found = store.storePath(bytes[...]) else {
            throw ClosureError(
                database.path,
                "the Nix database \(database.path.quoted) lists \(Path(bytes).quoted), which is not a path in \(store.directory)"
            )
        }
        return found
    }
}

extension ValidPaths.Row {
    var narHash: NarHash? { NarHash(String(decoding: hash, as: UTF8.self)) }
    var narSize: UInt64? { size.flatMap { UInt64(exactly: $0) } }
}
