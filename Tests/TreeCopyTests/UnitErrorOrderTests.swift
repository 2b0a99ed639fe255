import Synchronization
import SystemCalls
import Testing

@testable import TreeCopy

/// Who is told of first, whatever happens first.
@Suite struct UnitErrorOrderTests {
    /// What was told: errors by their paths, turns by their numbers.
    private final class Record: Sendable {
        private let all = Mutex<[String]>([])
        var lines: [String] { all.withLock { $0 } }
        func add(_ line: String) { all.withLock { $0.append(line) } }
    }

    private let record = Record()

    private func order() throws -> ErrorOrder {
        var request = CopyRequest(roots: [], options: CopyOptions())
        request.onError = { [record] in record.add("\($0.path)") }
        request.onTurn = { [record] in record.add("turn \($0)") }
        return try #require(ErrorOrder(request))
    }

    private func error(_ name: String) -> CopyError { CopyError(.failed(.inspect, .notFound), Path(name)) }

    @Test func nobodyListens() {
        #expect(ErrorOrder(CopyRequest(roots: [], options: CopyOptions())) == nil)
    }

    @Test func rootsAreToldInTheirOrder() throws {
        let order = try order()
        order.begin()
        order.add(error("c1"), of: 2)
        order.add(error("a1"), of: 0)
        order.add(error("c2"), of: 2)
        order.finish(2)
        order.add(error("b1"), of: 1)
        #expect(record.lines == ["turn 0", "a1"])
        order.finish(0)
        #expect(record.lines == ["turn 0", "a1", "turn 1", "b1"])
        order.add(error("b2"), of: 1)
        order.finish(1)
        #expect(record.lines.dropFirst(4) == ["b2", "turn 2", "c1", "c2", "turn 3"])
    }

    /// A temporary name that cannot be removed is found when its root is through.
    @Test func whatComesLateIsToldAtOnce() throws {
        let order = try order()
        order.finish(0)
        order.finish(0)
        order.add(error("late"), of: 0)
        order.finish(1)
        #expect(record.lines == ["turn 1", "late", "turn 2"])
    }

    /// Roots that a cancelled run never begins hide nothing.
    @Test func theEndReleasesAll() throws {
        let order = try order()
        for name in ["d", "b", "c"] { order.add(error(name), of: name == "b" ? 1 : 3) }
        order.end()
        #expect(record.lines == ["b", "d", "c"])
    }

    @Test func whatIsHeldHasALimit() throws {
        let order = try order()
        for _ in 1..<ErrorOrder.mostHeld { order.add(error("x"), of: 1) }
        #expect(record.lines == [])
        order.add(error("x"), of: 1)
        #expect(record.lines.count == ErrorOrder.mostHeld)
    }
}

/// Which errors a report has, where there are more than it keeps.
@Suite struct UnitKeptErrorsTests {
    @Test func theFirstByRootAndPathAreKept() {
        var kept = KeptErrors()
        for number in (0..<3500).shuffled() {
            kept.add(CopyError(.refused(""), Path("\(10_000 + number % 350)")), of: number / 350)
        }
        let expected = (0..<1000).map { Path("\(10_000 + $0 % 350)") }
        #expect(kept.count == 3500 && kept.first.map(\.path) == expected)
    }

    @Test func whatIsSaidOfOnePathIsSorted() {
        var kept = KeptErrors()
        for word in ["b", "a", "c"] { kept.add(CopyError(.refused(word), "path"), of: 0) }
        #expect(kept.first.map(\.description) == ["a", "b", "c"])
    }

    /// Two workers and 1,500 failures.
    @Test func aRunKeepsThem() {
        let roots = (0..<1500).reversed().map {
            CopyRoot(source: Path("/nowhere/\($0)"), directory: "/", name: Path("\($0)"), publication: .inPlace)
        }
        var options = CopyOptions()
        options.workers = 2
        let report = CopyEngine(CopyRequest(roots: roots, options: options)).copy()
        #expect(report.errorCount == 1500 && report.errors.map(\.path) == roots.prefix(1000).map(\.source))
    }
}
