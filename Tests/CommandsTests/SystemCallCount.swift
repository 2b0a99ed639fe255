import TestSupport

/// How often a program made each system call, as strace(1) counts them in all its threads.
struct SystemCallCount {
    let calls: [String: Int]

    /// Runs `arguments` under strace.
    init(_ arguments: [ByteString], user: OrdinaryUser? = nil, report: ByteString) throws {
        let strace: [ByteString] = ["strace", "-f", "-c", "-U", "calls,name", "-o", report]
        let result = try Command.run(strace + arguments, user: user)
        guard result.status == 0 else { throw TestError("strace: \(result.ending), \(result.errorText)") }
        let table = try Command.succeed(["cat", report]).outputText
        var calls: [String: Int] = [:]
        for line in table.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, let count = Int(words[0]) { calls[String(words[1])] = count }
        }
        guard calls["total"] != nil else { throw TestError("strace wrote no table: \(table)") }
        calls["total"] = nil
        self.calls = calls
    }

    subscript(name: String) -> Int { calls[name] ?? 0 }

    /// What a thousand entries more cost in calls, those of waiting workers and of memory aside, a call each.
    func growth(since smaller: SystemCallCount, entries: Int) -> [String: Double] {
        let aside: Set<String> = [
            "futex", "mmap", "munmap", "mprotect", "brk", "madvise", "sched_yield", "restart_syscall",
        ]
        return calls.filter { !aside.contains($0.key) }.reduce(into: [:]) { result, call in
            let growth = Double(call.value - smaller[call.key]) / Double(entries)
            if growth > 0.005 { result[call.key] = growth }
        }
    }
}
