import Synchronization
package import SystemCalls

/// Temporary names in a directory, all of one run: `.repot-<run>-<number>`, beside a lock file
/// `.repot-<run>` that the run holds locked as long as it lives. Who finds names whose lock file is not
/// locked, after a crash or `kill -9`, may remove them.
package final class StagingArea: Sendable {
    private struct State: ~Copyable {
        var lock: Descriptor?
        var run: String?
        var count = 0
        /// The registration of `removeAll` for a process that is stuck.
        var removal: Int?
    }

    private static let prefix = ".repot-"
    private static let alphabet = Array("0123456789abcdefghijklmnopqrstuvwxyz")
    private static let identifierLength = 16
    private let directory: Directory
    private let state = Mutex(State())

    package init(_ directory: Directory) { self.directory = directory }

    /// A name that nobody else uses; the first one locks the area.
    package func temporaryName() throws(Errno) -> Name {
        try state.withLock { state throws(Errno) in
            if state.run == nil { try Self.begin(&state, in: directory) }
            state.count += 1
            return Name("\(Self.prefix)\(state.run ?? "")-\(state.count)")
        }
    }

    /// Gives the lock file up; all temporary names are gone or renamed by now.
    package func close() throws(Errno) {
        try state.withLock { state throws(Errno) in
            guard let run = state.run else { return }
            state.run = nil
            if let removal = state.removal { Interrupt.removeRemoval(removal) }
            try directory.unlink(Name(Self.prefix + run))
            state.lock = nil
        }
    }

    /// A sweeper that found the new file before it was locked has removed it: then another is made.
    private static func begin(_ state: inout State, in directory: Directory) throws(Errno) {
        while true {
            let run = String((0..<identifierLength).map { _ in alphabet.randomElement() ?? "0" })
            let name = Name(prefix + run)
            let file = try directory.createFile(name, .ownerReadWrite)
            do throws(Errno) {
                guard try file.tryLock(), try file.metadata().links > 0 else { continue }
            } catch {
                // The failure is the news; a name that cannot be removed as well is swept up by a later run.
                try? directory.unlink(name)
                throw error
            }
            state.lock = consume file
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
        let listing = try directory.openDirectory(Name("."), [])
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
        let text = String(decoding: name.bytes, as: UTF8.self)
        guard text.hasPrefix(prefix) else { return nil }
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
