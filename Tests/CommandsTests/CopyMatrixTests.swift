import Synchronization
import SystemCalls
import TestSupport
import Testing

/// Called by the name of cp, repot does what GNU cp does, in some thousands of combinations of options, sources,
/// destinations and users: the same tree, messages and status.
///
/// REPOT_MATRIX chooses cases by words of their names (`-b` is every cluster with a b), REPOT_CP another cp to
/// test, REPOT_MATRIX_REPORT a file for the report; REPOT_MATRIX_PRINT=names or =scripts prints the chosen cases.
@Suite struct CopyMatrixTests {
    private static let batchSize = 64

    @Test("each declared difference is in the documentation") func differencesAreDocumented() throws {
        let top = Path(#filePath).parent.parent.parent
        let page = try readSmallFile(top.appending("Sources/Commands/Commands.docc/GNU.md"))
        let words = String(decoding: page, as: UTF8.self).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        for kept in KeptDifference.all { #expect(words.contains("- " + kept.reason), "\(kept.reason)") }
    }

    @Test("the matrix has thousands of cases, of root and of an ordinary user") func isLargeEnough() {
        #expect((3000..<8000).contains(CopyMatrix.all.count))
        #expect(Set(CopyMatrix.all.map(\.user)).count == 2)
    }

    /// On CI all known versions are present; elsewhere a missing one is reported.
    @Test("the known versions of GNU cp can be run here")
    func findsKnownVersions() {
        guard !GNUCopy.missing.isEmpty else { return }
        let message = "GNU cp \(GNUCopy.missing) is missing: REPOT_GNU_CP is not a result of Tests/Scripts/gnu-cp.sh"
        if environment("CI") == nil { print("skipped: \(message)") } else { Issue.record(Comment(rawValue: message)) }
    }

    /// One case in this number is run with versions older than the newest.
    private static let sampling = 8

    @Test("repot called cp does what GNU cp does, but for the declared differences")
    func sameAsGNU() async throws {
        let filter = environment("REPOT_MATRIX") ?? ""
        let cases = CopyMatrix.all.filter { $0.matches(filter) }
        if let wanted = environment("REPOT_MATRIX_PRINT") {
            print(
                cases.map { wanted == "names" ? $0.description : MatrixScript.reproduction($0) + "\n" }.joined(
                    separator: "\n"))
            return
        }
        var found: [MatrixDifference] = []
        for reference in GNUCopy.available {
            let isNewest = reference.version == GNUCopy.available.last?.version
            let sample = cases.enumerated().filter { $0.offset.isMultiple(of: Self.sampling) }.map(\.element)
            found += try await differences(in: isNewest || !filter.isEmpty ? cases : sample, from: reference)
        }
        let unexplained = found.filter { difference in !KeptDifference.all.contains { $0.covers(difference) } }
        let report = MatrixReport(count: cases.count, differences: unexplained)
        try write(report.text(limit: .max))
        if !unexplained.isEmpty { Issue.record(Comment(rawValue: report.text())) }
        guard filter.isEmpty, GNUCopy.available.last?.version == GNUCopy.knownVersions.last else { return }
        // Only a sample is run with older versions.
        for kept in KeptDifference.all where kept.before == nil {
            #expect(found.contains(where: kept.covers), "does not occur any more: \(kept.reason)")
        }
    }

    private func write(_ text: String) throws {
        guard let path = environment("REPOT_MATRIX_REPORT") else { return }
        try Command.succeed(["rm", "-f", ByteString(path)])
        let name = Path(ByteString(path))
        try TreeBuilder.build(at: ByteString(name.parent.bytes)) { tree in
            try tree.file(ByteString(name.lastComponent.bytes), .text(text + "\n"))
        }
    }

    /// Two batches at once, for a program that is being started waits much.
    private func differences(
        in cases: [MatrixCase], from reference: GNUCopy
    ) async throws -> [MatrixDifference] {
        let program = try environment("REPOT_CP").map { ByteString($0) } ?? Repot.pathForEverybody()
        let batches = Dictionary(grouping: cases, by: \.user).values.flatMap { members in
            stride(from: 0, to: members.count, by: Self.batchSize).map { start in
                MatrixBatch(
                    cases: Array(members[start..<min(start + Self.batchSize, members.count)]), program: program,
                    reference: reference)
            }
        }
        let queue = MatrixQueue(batches)
        return try await withThrowingTaskGroup(of: [MatrixDifference].self) { group in
            for _ in 0..<3 {
                group.addTask {
                    var found: [MatrixDifference] = []
                    while let batch = queue.next() { found += try Self.run(batch) }
                    return found
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    private static func run(_ batch: MatrixBatch) throws -> [MatrixDifference] {
        guard let system = FileSystemMatrix.mount(.tmpfs).fileSystem else { return try batch.run(in: Scratch()) }
        return try batch.run(in: system.scratch())
    }
}

/// Batches that wait for somebody to run them.
private final class MatrixQueue: Sendable {
    private let waiting: Mutex<ArraySlice<MatrixBatch>>

    init(_ batches: [MatrixBatch]) {
        waiting = Mutex(batches[...])
    }

    func next() -> MatrixBatch? { waiting.withLock { $0.popFirst() } }
}

extension MatrixCase {
    /// Whether its name has all the words; a word such as -b stands for any cluster of letters with a b.
    fileprivate func matches(_ filter: String) -> Bool {
        if filter.contains("|") { return description.contains(filter) }
        let words = description.split(separator: " ").map(String.init)
        return filter.split(separator: " ").allSatisfy { wanted in
            words.contains(String(wanted)) || wanted.hasPrefix("-") && options.has(String(wanted))
        }
    }
}
