import Synchronization
import SystemCalls
import TestSupport
import Testing

@testable import References

@Suite(.serialized) struct ScanFailureTests {
    private let forest: Forest
    private let parts: [HashPart]

    init() throws {
        let parts = try (0..<3).map(Forest.part)
        self.parts = parts
        forest = try Forest { tree in
            let large = [UInt8](repeating: UInt8(ascii: "0"), count: 1_000_000)
            try tree.file("a/file", .text(parts[0].text))
            try tree.symbolicLink("a/link", to: "\(parts[1].text)")
            try tree.file("a/sub/large", .bytes(large + parts[2].digits))
            try tree.file("b", .text(parts[0].text))
        }
    }

    private func scan(_ workers: Int) throws -> [[Reference]] {
        try forest.references(["b", "a"], to: parts, workers: workers)
    }

    /// The n-th call fails, for every n: it is told of, with a path, or the result is whole; and nothing stays open.
    @Test(arguments: [1, 4]) func everyCall(_ workers: Int) throws {
        let (whole, calls) = try Faults.during({ _, _ in nil }) { try scan(workers) }
        let before = try DescriptorCount.open()
        for number in 1...calls {
            let failed = Mutex<SystemCall?>(nil)
            let plan: Faults.Plan = { seen, call in
                guard seen == number else { return nil }
                failed.withLock { $0 = call }
                return .inputOutput
            }
            do {
                let found = try Faults.during(plan) { try scan(workers) }.0
                #expect(found == whole)
                // Whoever helps with a large file may find out too late that there is nothing left to do.
                #expect(failed.withLock { $0 } == nil, "nothing was said of call \(number)")
            } catch let error as PathError {
                #expect(error.errno == .inputOutput)
                #expect(error.path == forest.path || error.path.hasPrefix(forest.path), "\(error)")
            }
        }
        #expect(try DescriptorCount.open() == before)
    }

    @Test(arguments: [1, 4]) func interruptedCallsAreRepeated(_ workers: Int) throws {
        let whole = try scan(workers)
        let plan: Faults.Plan = { number, _ in number.isMultiple(of: 2) ? .interrupted : nil }
        #expect(try Faults.during(plan) { try scan(workers) }.0 == whole)
    }

    /// Whoever is the first to fail.
    @Test func theFirstInByteOrderIsTold() throws {
        for _ in 0..<10 {
            let plan: Faults.Plan = { _, call in call == .read || call == .readLink ? .inputOutput : nil }
            let error = #expect(throws: PathError.self) { try Faults.during(plan) { try scan(8) } }
            #expect(error?.path == forest.path.appending("a/file"))
            #expect(error?.description.contains("cannot read '\(forest.path)/a/file'") == true)
        }
    }

    /// At every call: what is found until then is not told.
    @Test(arguments: [1, 4]) func cancelled(_ workers: Int) throws {
        let calls = try Faults.during({ _, _ in nil }) { try scan(workers) }.calls
        for number in stride(from: 1, to: calls / 2, by: 3) {
            let isCancelled = Mutex(false)
            let plan: Faults.Plan = { seen, _ in
                if seen == number { isCancelled.withLock { $0 = true } }
                return nil
            }
            let error = #expect(throws: PathError.self) {
                try Faults.during(plan) {
                    try ReferenceScan(in: forest.path, workers: workers, isCancelled: { isCancelled.withLock { $0 } })
                        .references(of: ["b", "a"], to: parts)
                }
            }
            #expect(error?.errno == .interrupted)
        }
    }

    @Test func whatIsNotThere() throws {
        let error = #expect(throws: PathError.self) {
            try forest.references(["a", "missing"], to: parts, workers: 2)
        }
        #expect(error?.path == forest.path.appending("missing"))
        #expect(error?.errno == .notFound)
        let nowhere = ReferenceScan(in: forest.path.appending("nowhere"))
        #expect(throws: PathError.self) { try nowhere.references(of: [], to: parts) }
    }
}
