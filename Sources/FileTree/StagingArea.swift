import Synchronization
package import SystemCalls

/// The temporary names of one run in a directory: `.repot-<run>-<number>`, beside a lock file `.repot-<run>` that is
/// locked until the run ends. Names whose lock file is not locked were left by a killed run, and are removed by the
/// next one. Where the file system refuses locks, they stay.
package final class StagingArea: Sendable {
    private struct State: ~Copyable {
        var lock: Descriptor?
        var run: String?
        var count = 0
        var canRename: Bool?
        /// The registration of `removeAll` for a process that is stuck.
        var removal: Int?
    }

    private static let prefix = Name.temporaryPrefix
    private static let alphabet = Array("0123456789abcdefghijklmnopqrstuvwxyz")
    private static let identifierLength = 16
    private let directory: Directory
    private let state = Mutex(State())

    package init(_ directory: Directory) { self.directory = directory }

    /// A name that no other run uses; the first one locks the area.
    package func temporaryName() throws(Errno) -> Name {
        try state.withLock { state throws(Errno) in try Self.next(&state, in: directory) }
    }

    /// A name that no other run uses, for a directory that is renamed later. Returns nil if the file system refuses a
    /// lock file, a lock or the renaming of a directory, so that the directory has to grow under its own name.
    package func renamableName() -> Name? {
        state.withLock { state in
            if let canRename = state.canRename, !canRename { return nil }
            guard let name = try? Self.next(&state, in: directory) else { return nil }
            let canRename = state.lock != nil && (state.canRename ?? Self.canRename(name, &state, in: directory))
            state.canRename = canRename
            return canRename ? name : nil
        }
    }

    private static func next(_ state: inout State, in directory: Directory) throws(Errno) -> Name {
        if state.run == nil { try begin(&state, in: directory) }
        state.count += 1
        return Name("\(prefix)\(state.run ?? "")-\(state.count)")
    }

    /// Whether the type is that of ext4, xfs, btrfs, tmpfs, overlay or f2fs. Source: statfs(2).
    private static func renamesDirectories(_ type: Int64) -> Bool {
        [0xef53, 0x5846_5342, 0x9123_683e, 0x0102_1994, 0x794c_7630, 0xf2f5_2010].contains(type)
    }

    /// Renames an empty directory as a test. On file systems that rename directories, only a policy for the process can
    /// refuse that, and a renaming of the lock file to its own name shows it without a change.
    private static func canRename(_ name: Name, _ state: inout State, in directory: Directory) -> Bool {
        if let type = try? directory.fileSystemType(), renamesDirectories(type), let run = state.run {
            let lock = Name(prefix + run)
            return (try? directory.rename(lock, over: lock)) != nil
        }
        guard let other = try? next(&state, in: directory), (try? directory.makeDirectory(other, .ownerAll)) != nil
        else { return false }
        let isRenamed = (try? directory.renameToNew(other, name)) != nil
        return (try? directory.removeDirectory(isRenamed ? name : other)) != nil && isRenamed
    }

    /// Renames an entry over an existing one, which may be a directory with entries. Returns the temporary name that the
    /// existing one has now. Without RENAME_EXCHANGE there is a moment in which neither has the name.
    package func replace(_ name: Name, by temporary: Name) throws(Errno) -> Name {
        do throws(Errno) {
            try directory.exchange(temporary, with: name)
            return temporary
        } catch {
            if error.isFatal || error == .notFound { throw error }
        }
        let replaced = try temporaryName()
        try directory.rename(name, over: replaced)
        do throws(Errno) { try directory.renameToNew(temporary, name) } catch {
            try directory.renameToNew(replaced, name)
            throw error
        }
        return replaced
    }

    /// Removes the lock file; no temporary name is in use any more.
    package func close() throws(Errno) {
        try state.withLock { state throws(Errno) in
            guard let run = state.run else { return }
            if let removal = state.removal { Interrupt.removeRemoval(removal) }
            state.removal = nil
            let name = Name(Self.prefix + run)
            let isRemoved = (try? directory.unlink(name)) != nil
            state.lock = nil
            // Some file systems do not remove an open file.
            if !isRemoved { try directory.unlink(name) }
            state.run = nil
        }
    }

    /// The name of the lock file, while there is one.
    package var lockName: Name? { state.withLock { $0.run.map { Name(Self.prefix + $0) } } }

    /// Random digits and letters.
    private static func identifier() -> String {
        var generator = SystemRandomNumberGenerator()
        var (rest, bytes) = (UInt64(0), [UInt8]())
        for position in 0..<identifierLength {
            if position % 8 == 0 { rest = generator.next() }
            let digit = UInt8(rest % 36)
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            rest /= 36
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Creates and locks the lock file. A sweep that finds the new file before it is locked removes it: then another is
    /// created, a few times. Where locks are refused, the file stays unlocked: no sweep can lock it either.
    private static func begin(_ state: inout State, in directory: Directory) throws(Errno) {
        for attempt in 0... {
            let run = identifier()
            let file = try directory.createFile(Name(prefix + run), .ownerReadWrite)
            let isLocked = (try? file.tryLock()) ?? false
            let isSwept = (try? file.metadata().links) == 0
            if isSwept, attempt < 100 { continue }
            if isLocked { state.lock = consume file }
            state.run = run
            state.removal = Interrupt.addRemoval { Self.removeAll(of: run, in: directory) }
            return
        }
    }

    /// Removes what dead runs left here. What belongs to others, or cannot be locked, stays.
    package func sweep() throws(Errno) {
        var removal = TreeRemoval()
        for (run, names) in try abandonedRuns() {
            guard let lock = acquire(Name(Self.prefix + run)) else { continue }
            for name in names { try removal.remove(name, in: directory) }
            try removal.remove(Name(Self.prefix + run), in: directory)
            try lock.close()
        }
    }

    /// Removes the temporary names of a run of this process. Failures are ignored: a later run removes the rest.
    private static func removeAll(of run: String, in directory: Directory) {
        var removal = TreeRemoval()
        for name in (try? names(in: directory)[run]) ?? [] { try? removal.remove(name, in: directory) }
        try? directory.unlink(Name(prefix + run))
    }

    /// The staged names of each run but this one.
    private func abandonedRuns() throws(Errno) -> [String: [Name]] {
        let own = state.withLock { $0.run }
        return try Self.names(in: directory).filter { $0.key != own }
    }

    /// The staged names of all runs.
    private static func names(in directory: Directory) throws(Errno) -> [String: [Name]] {
        var runs: [String: [Name]] = [:]
        let listing = try directory.openDirectory(Name("."))
        var entries = DirectoryEntries(capacity: 32768)
        while try entries.read(from: listing) {
            entries.forEach { entry in
                guard let (run, isLock) = parse(entry.name) else { return }
                runs[run, default: []] += isLock ? [] : [entry.name]
            }
        }
        return runs
    }

    /// The run that made the name; nil for names that no run makes, which are somebody's files.
    private static func parse(_ name: Name) -> (run: String, isLock: Bool)? {
        guard name.isTemporary else { return nil }
        let text = String(decoding: name.bytes, as: UTF8.self)
        let parts = text.dropFirst(prefix.count).split(separator: "-", omittingEmptySubsequences: false)
        guard let run = parts.first, run.count == identifierLength, run.allSatisfy(alphabet.contains)
        else { return nil }
        if parts.count == 1 { return (String(run), true) }
        guard parts.count == 2, Int(parts[1]) != nil else { return nil }
        return (String(run), false)
    }

    /// The lock of a dead run; nil while the run lives, or when it is not ours to take. A lock file that is
    /// gone is made again.
    private func acquire(_ name: Name) -> Descriptor? {
        guard let file = try? openLock(name), (try? file.tryLock()) == true else { return nil }
        return file
    }

    private func openLock(_ name: Name) throws(Errno) -> Descriptor {
        do throws(Errno) { return try directory.openForWriting(name, .noFollow) } catch {
            guard error == .notFound else { throw error }
            return try directory.createFile(name, .ownerReadWrite)
        }
    }
}
