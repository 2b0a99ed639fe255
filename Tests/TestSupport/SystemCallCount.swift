/// How often a program made each system call, as strace(1) counts them in all its threads.
public struct SystemCallCount: Sendable {
    /// By name: how often it was made at all,
    public let calls: [String: Int]
    /// and how often it failed.
    public let failures: [String: Int]

    /// Those of waiting workers and of memory, which follow chance and the clock.
    private static let aside: Set<String> = [
        "futex", "mmap", "munmap", "mprotect", "brk", "madvise", "sched_yield", "restart_syscall",
    ]

    /// Runs `arguments`, which must succeed, under strace.
    ///
    /// - Parameter report: a file that strace may write.
    public init(_ arguments: [ByteString], user: OrdinaryUser? = nil, report: ByteString) throws {
        let strace: [ByteString] = ["strace", "-f", "-c", "-U", "calls,errors,name", "-o", report]
        let result = try Command.run(strace + arguments, user: user)
        guard result.status == 0 else { throw TestError("strace: \(result.ending), \(result.errorText)") }
        let table = try Command.succeed(["cat", report]).outputText
        var (calls, failures): ([String: Int], [String: Int]) = ([:], [:])
        for line in table.split(separator: "\n") {
            // The column of failures is blank where there are none.
            let words = line.split(separator: " ")
            guard (2...3).contains(words.count), let name = words.last.map(String.init) else { continue }
            guard let count = Int(words[0]) else { continue }
            calls[name] = count
            failures[name] = words.count == 3 ? Int(words[1]) : nil
        }
        guard calls.removeValue(forKey: "total") != nil else { throw TestError("strace wrote no table: \(table)") }
        failures["total"] = nil
        (self.calls, self.failures) = (calls, failures)
    }

    /// How often it made the call.
    public subscript(name: String) -> Int { calls[name] ?? 0 }

    /// How often it made any call at all, those of waiting workers and of memory aside.
    public var total: Int { Self.sum(calls) }

    /// How many of these failed.
    public var failed: Int { Self.sum(failures) }

    /// What an entry more costs in calls, those of waiting workers and of memory aside.
    public func growth(since smaller: SystemCallCount, entries: Int) -> [String: Double] {
        calls.filter { !Self.aside.contains($0.key) }.reduce(into: [:]) { result, call in
            let growth = Double(call.value - smaller[call.key]) / Double(entries)
            if growth > 0.005 { result[call.key] = growth }
        }
    }

    private static func sum(_ counts: [String: Int]) -> Int {
        counts.filter { !aside.contains($0.key) }.values.reduce(0, +)
    }
}
