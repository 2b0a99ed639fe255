import FileTree
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
    }

    private static let prefix = ".repot-"
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
            try directory.unlink(Name(Self.prefix + run))
            state.lock = nil
        }
    }

    /// A sweeper that found the new file before it was locked has removed it: then another is made.
    private static func begin(_ state: inout State, in directory: Directory) throws(Errno) {
        while true {
            let run = String(UInt64.random(in: 0..<1 << 48), radix: 36)
            let file = try directory.createFile(Name(prefix + run), .ownerReadWrite)
            guard try file.tryLock(), try file.metadata().links > 0 else { continue }
            state.lock = consume file
            state.run = run
            return
        }
    }

    /// Removes what dead runs left here.
    package func sweep() throws(Errno) {
        var removal = TreeRemoval()
        for (run, names) in try abandonedRuns() {
            guard let lock = try acquire(Name(Self.prefix + run)) else { continue }
            for name in names { try removal.remove(name, in: directory) }
            try removal.remove(Name(Self.prefix + run), in: directory)
            try lock.close()
        }
    }

    /// The names of each run but this one.
    private func abandonedRuns() throws(Errno) -> [String: [Name]] {
        let own = state.withLock { $0.run }
        var runs: [String: [Name]] = [:]
        let listing = try directory.openDirectory(Name("."), [])
        var entries = DirectoryEntries(capacity: 32768)
        while try entries.read(from: listing) {
            entries.forEach { entry in
                let text = String(decoding: entry.name.bytes, as: UTF8.self)
                guard text.hasPrefix(Self.prefix) else { return }
                let parts = text.dropFirst(Self.prefix.count).split(separator: "-")
                guard let run = parts.first.map(String.init), run != own else { return }
                runs[run, default: []] += parts.count > 1 ? [entry.name] : []
            }
        }
        return runs
    }

    /// The lock of a dead run; nil while the run lives. A lock file that is gone is made again.
    private func acquire(_ name: Name) throws(Errno) -> Descriptor? {
        let file: Descriptor
        do throws(Errno) { file = try directory.openForWriting(name, .noFollow) } catch {
            guard error == .notFound else { throw error }
            file = try directory.createFile(name, .ownerReadWrite)
        }
        guard try file.tryLock() else { return nil }
        return consume file
    }
}
