import SystemCalls
import TestSupport
import Testing
import TreeCopy

/// Compares what a disturbed run has left with what it says.
struct FaultJudge {
    let fixture: FaultFixture
    let row: FaultRow
    let original: TreeSnapshot
    let report: CopyReport

    init(_ fixture: FaultFixture, _ row: FaultRow, _ original: TreeSnapshot, _ report: CopyReport) {
        self.fixture = fixture
        self.row = row
        self.original = original
        self.report = report
    }

    func judge(_ label: String) throws {
        let said = "\(label): \(report.errors)"
        if row.errno == .interrupted { #expect(report.errorCount == 0, "\(said): EINTR shows") }
        expectErrorsNamePaths(said)
        try expectNoLeftovers(said)
        let copy = try? TreeSnapshot(of: fixture.copy)
        if report.errorCount == 0 {
            // One name of an inode stepped down to a copy, the others did not: counted, not lost.
            let ignored: Set<Aspect> = report.fallbacks.isEmpty ? [] : [.links]
            let lines =
                copy.map { TreeSnapshot.difference(original, $0, ignoring: ignored) } ?? ["nothing is there"]
            #expect(lines == [], "\(said): a silent loss")
        } else if row.publication == .whole {
            let lines = copy.map { TreeSnapshot.difference(original, $0) } ?? []
            #expect(lines == [], "\(said): half a root")
        } else if let copy, !report.errors.contains(where: isEnd) {
            let lines = TreeSnapshot.difference(original, copy, ignoring: [.links]).filter { !isReported($0) }
            #expect(lines == [], "\(said): not said")
        }
    }

    private func expectErrorsNamePaths(_ said: String) {
        for error in report.errors {
            let isInside = error.path.hasPrefix(Path(fixture.source)) || error.path.hasPrefix(Path(fixture.target))
            #expect(isInside, "\(said): \(error.path) is of neither side")
            #expect(error.errno == row.errno || error.errno == nil || row.span == .onwards, "\(said)")
        }
    }

    /// A temporary name stays only where the very removal was what failed, and then that is said.
    private func expectNoLeftovers(_ said: String) throws {
        let mayStay = (report.errors + report.warnings).contains { error in
            if case .failed(.remove, _) = error.reason { true } else { row.span == .onwards }
        }
        if !mayStay { #expect(try fixture.leftovers() == [], "\(said): temporary names") }
    }

    /// Nothing more is begun after these, so entries are missing that no error names.
    private func isEnd(_ error: CopyError) -> Bool {
        [.noSpace, .quotaExceeded].contains(error.errno) && error.path.hasPrefix(Path(fixture.target))
    }

    /// Whether an error names the entry that the line of a comparison is about, or a folder above it.
    private func isReported(_ line: String) -> Bool {
        let name = line.prefix { $0 != ":" }
        let relative = name == "." ? Path([]) : Path(String(name))
        let entry = relative.bytes.isEmpty ? Path(fixture.copy) : Path(fixture.copy).appending(relative)
        return report.errors.contains { error in
            if areNamesOfOneFile(entry, error.path) { return true }
            return [fixture.source, fixture.copy, fixture.target].contains { root in
                let whole = relative.bytes.isEmpty ? Path(root) : Path(root).appending(relative)
                return whole.hasPrefix(error.path)
            }
        }
    }

    /// Metadata that one name of a file lacks is missing under all its names.
    private func areNamesOfOneFile(_ path: Path, _ other: Path) -> Bool {
        let identities = [path, other].map { try? metadata(ByteString($0.bytes)).identity }
        return identities[0] != nil && identities[0] == identities[1]
    }
}
