import CSQLite
import SystemCalls

/// An SQLite database that nothing is done to but reading: no lock, no write, not even of the log beside it.
struct Database: ~Copyable {
    private let handle: OpaquePointer
    /// The rest of the steps that queries may take, in units of `stepsPerCheck`.
    private let budget: UnsafeMutablePointer<Int64>
    private static let stepsPerCheck: Int32 = 100_000
    /// A database with indexes takes fewer than one step for each byte. Without indexes each path is searched for in all
    /// rows.
    private static let stepsPerByte: Int64 = 4
    private static let freeChecks: Int64 = 200

    /// SQLite's own words.
    struct Failure: Error {
        let code: Int32
        let message: String

        /// The tables differ from those in the query.
        var isSchema: Bool { code & 0xff == SQLITE_ERROR }

        /// What was interrupted would have to be rolled back first, which is a write.
        var isUnfinished: Bool { code & 0xff == SQLITE_READONLY }

        /// A query took too many steps, or a signal ended it.
        var isInterrupted: Bool { code & 0xff == SQLITE_INTERRUPT }

        /// A reference leads to a row that is not there.
        static func dangling(_ number: Int64) -> Failure {
            Failure(code: SQLITE_CORRUPT, message: "a reference leads to path number \(number), which it does not have")
        }
    }

    /// Opens the file. A write-ahead log is read where there is one; whether there is one must not change meanwhile,
    /// which the caller sees to.
    ///
    /// - Parameter size: the size of the file and its log, which limits the time that queries may take.
    init(_ path: Path, hasLog: Bool, size: Int64) throws(Failure) {
        // As immutable it is read without a log, which SQLite would otherwise want to make.
        let uri = "file:\(path.percentEncoded)\(hasLog ? "" : "?immutable=1")"
        // With the lock that it believes to have, SQLite keeps the log's index in memory, and not in a file beside it.
        let settings = "PRAGMA temp_store = MEMORY; PRAGMA locking_mode = EXCLUSIVE"
        var handle: OpaquePointer?
        var status = csqlite_open_read_only(uri, &handle)
        if status == SQLITE_OK { status = sqlite3_exec(handle, settings, nil, nil, nil) }
        guard status == SQLITE_OK, let handle else {
            let message = handle.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(status))
            sqlite3_close(handle)
            throw Failure(code: status, message: message)
        }
        budget = .allocate(capacity: 1)
        budget.initialize(to: Self.freeChecks + size / Int64(Self.stepsPerCheck) * Self.stepsPerByte)
        // A signal ends a long query.
        sqlite3_progress_handler(
            handle, Self.stepsPerCheck,
            { context in
                let budget = context?.assumingMemoryBound(to: Int64.self)
                budget?.pointee -= 1
                return Interrupt.signal == nil && (budget?.pointee ?? 0) > 0 ? 0 : 1
            }, budget)
        self.handle = handle
    }

    deinit {
        sqlite3_close(handle)
        budget.deallocate()
    }

    /// Compiles a statement with `?` for what differs from one use to the next.
    func statement(_ text: String) throws(Failure) -> Statement {
        var statement: OpaquePointer?
        let status = sqlite3_prepare_v2(handle, text, -1, &statement, nil)
        guard status == SQLITE_OK, let statement else {
            throw Failure(code: status, message: String(cString: sqlite3_errmsg(handle)))
        }
        return Statement(statement)
    }
}

/// A compiled statement of a database that lives longer.
struct Statement: ~Copyable {
    private let handle: OpaquePointer
    /// SQLite copies what is bound.
    private static let copies = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    fileprivate init(_ handle: OpaquePointer) { self.handle = handle }

    deinit { sqlite3_finalize(handle) }

    /// Begins anew, with this text for the first `?`.
    func bind(_ text: [UInt8]) throws(Database.Failure) {
        sqlite3_reset(handle)
        let status = text.withUnsafeBytes { bytes in
            sqlite3_bind_text(
                handle, 1, bytes.assumingMemoryBound(to: CChar.self).baseAddress, Int32(bytes.count), Self.copies)
        }
        try check(status)
    }

    /// Begins anew, with this number for the first `?`.
    func bind(_ number: Int64) throws(Database.Failure) {
        sqlite3_reset(handle)
        try check(sqlite3_bind_int64(handle, 1, number))
    }

    private func check(_ status: Int32) throws(Database.Failure) {
        guard status != SQLITE_OK else { return }
        throw Database.Failure(code: status, message: String(cString: sqlite3_errmsg(sqlite3_db_handle(handle))))
    }

    /// Goes to the next row; false when there is none.
    func step() throws(Database.Failure) -> Bool {
        let status = sqlite3_step(handle)
        if status == SQLITE_ROW { return true }
        guard status == SQLITE_DONE else {
            throw Database.Failure(code: status, message: String(cString: sqlite3_errmsg(sqlite3_db_handle(handle))))
        }
        return false
    }

    /// A column of the row; nil for NULL.
    func text(_ column: Int32) -> [UInt8]? {
        guard let start = sqlite3_column_text(handle, column) else { return nil }
        return Array(UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
    }

    /// A column of the row; nil for NULL.
    func number(_ column: Int32) -> Int64? {
        sqlite3_column_type(handle, column) == SQLITE_NULL ? nil : sqlite3_column_int64(handle, column)
    }
}
