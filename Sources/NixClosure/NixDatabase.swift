import SystemCalls

/// The database of a store. It is read without a lock, also while another process writes to it.
struct NixDatabase: Sendable {
    /// Version 10 is that of all releases since 1.11. Source: Nix, `libstore/local-store.hh`.
    private static let schemaVersion = "10"
    private static let mostAttempts = 50

    let path: Path

    /// The first that is there. An error where none is, and where its version is another.
    init(of store: Store) throws(ClosureError) {
        let places = Self.places(store)
        for place in places where try DatabaseFiles(place).exists {
            path = place
            try checkVersion()
            return
        }
        throw ClosureError(places[0], "there is no Nix database \(places[0].quoted)")
    }

    /// Whether there is one.
    static func exists(for store: Store) throws(ClosureError) -> Bool {
        for place in places(store) where try DatabaseFiles(place).exists { return true }
        return false
    }

    /// As `nix-store` looks for it, and beside a store that is not Nix's usual one.
    private static func places(_ store: Store) -> [Path] {
        var folders: [Path] = []
        if store.root == nil {
            if let folder = ProcessState.variable("NIX_DB_DIR") { folders.append(Path(folder)) }
            if let folder = ProcessState.variable("NIX_STATE_DIR") { folders.append(Path(folder).appending("db")) }
        }
        if store.directory.lastComponent == "store" {
            folders.append(store.physical(store.directory.parent).appending("var/nix/db"))
        }
        folders.append(store.physical("/nix/var/nix/db"))
        return folders.map { $0.appending("db.sqlite") }
    }

    private func checkVersion() throws(ClosureError) {
        let file = path.parent.appending("schema")
        let content: [UInt8]
        do throws(Errno) { content = try readSmallFile(file, atMost: 1 << 16) } catch {
            // A copy of the database alone; its tables are checked.
            if error == .notFound { return }
            throw .failed("cannot read", file, error)
        }
        let version = String(decoding: content.prefix(32).filter { $0 > 0x20 }, as: UTF8.self)
        guard version == Self.schemaVersion else { throw unknownSchema("its schema has version \(version)") }
    }

    private func unknownSchema(_ why: String) -> ClosureError {
        ClosureError(
            path,
            "the Nix database \(path.quoted) is not understood: \(why), and repot knows version \(Self.schemaVersion); "
                + "use --closure-from nix or scan")
    }

    /// Reads again until no other process has written in the meantime.
    ///
    /// A lock would be a write to the store's directory, is impossible on a read-only mount, and would delay builds.
    /// Instead, the times of the files are compared before and after.
    func read<R>(_ body: (borrowing Database) throws(Database.Failure) -> R) throws(ClosureError) -> R {
        for _ in 0..<Self.mostAttempts {
            let before = try DatabaseFiles(path)
            let result = Self.attempt(path, before, body)
            if before.isSettled, try before == DatabaseFiles(path) {
                do throws(Database.Failure) { return try result.get() } catch {
                    if !error.isUnfinished || before.isAbandoned { throw unreadable(error) }
                }
            }
            pause(milliseconds: Int(DatabaseFiles.settlingTime))
        }
        throw ClosureError(
            path,
            "the Nix database \(path.quoted) does not stop changing; wait until its writer has finished, or use --closure-from nix"
        )
    }

    private func unreadable(_ error: Database.Failure) -> ClosureError {
        if error.isInterrupted, Interrupt.signal == nil {
            return ClosureError(
                path,
                "the Nix database \(path.quoted) takes too long to read for its size, as if it had no indexes; use "
                    + "--closure-from scan")
        }
        if error.isSchema { return unknownSchema(error.message) }
        if error.isUnfinished {
            return ClosureError(
                path,
                "the Nix database \(path.quoted) holds a transaction that was interrupted: let Nix open it once, with "
                    + "nix-store --verify, or use --closure-from scan")
        }
        return ClosureError(path, "cannot read the Nix database \(path.quoted): \(error.message)")
    }

    private static func attempt<R>(
        _ path: Path, _ files: DatabaseFiles, _ body: (borrowing Database) throws(Database.Failure) -> R
    ) -> Result<R, Database.Failure> {
        do throws(Database.Failure) {
            return .success(try body(try Database(path, hasLog: files.hasLog, size: files.size)))
        } catch { return .failure(error) }
    }
}
