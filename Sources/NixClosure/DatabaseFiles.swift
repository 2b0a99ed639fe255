import SystemCalls

/// A database's files as they are at one moment: what is read between two equal moments fits together, without a lock.
struct DatabaseFiles: Equatable {
    private struct State: Equatable {
        let identity: FileIdentity
        let size: Int64
        let modified: Timestamp
        let changed: Timestamp
    }

    /// The kernel notes times in steps of at most 10 ms: two writes within one step look like one.
    static let settlingTime: Int64 = 20

    private let database: State?
    private let log: State?
    private let journal: State?

    init(_ path: Path) throws(ClosureError) {
        database = try Self.state(path)
        log = try Self.state(Path(path.bytes + Array("-wal".utf8)))
        journal = try Self.state(Path(path.bytes + Array("-journal".utf8)))
    }

    var exists: Bool { database != nil }

    /// What was committed, or begun, and is not in the database itself yet.
    var hasLog: Bool { (log?.size ?? 0) > 0 || (journal?.size ?? 0) > 0 }

    /// The size of the database and its log.
    var size: Int64 { [database?.size, log?.size, journal?.size].compactMap(\.self).saturatedSum }

    /// Whether a write now would be seen in the times.
    var isSettled: Bool { areOlder(than: Self.settlingTime) }

    /// Whether whoever began to write should have gone on since, also on a machine that has too much to do.
    var isAbandoned: Bool { areOlder(than: 500) }

    private func areOlder(than milliseconds: Int64) -> Bool {
        let now = wallClock()
        return [database, log, journal].allSatisfy { state in
            guard let state else { return true }
            let age =
                (now.seconds - state.changed.seconds) * 1000
                + (Int64(now.nanoseconds) - Int64(state.changed.nanoseconds)) / 1_000_000
            return age > milliseconds || age < 0
        }
    }

    private static func state(_ path: Path) throws(ClosureError) -> State? {
        do throws(Errno) {
            let metadata = try Directory.current.metadata(of: Name(path), following: true)
            return State(
                identity: metadata.identity, size: metadata.size, modified: metadata.modified,
                changed: metadata.changed)
        } catch {
            if error == .notFound || error == .notDirectory { return nil }
            throw .failed("cannot stat", path, error)
        }
    }
}
