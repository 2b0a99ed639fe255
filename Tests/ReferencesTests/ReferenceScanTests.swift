import Synchronization
import SystemCalls
import TestSupport
import Testing

@testable import References

@Suite(.serialized) struct ReferenceScanTests {
    private static let pieceSize = 256 << 10

    /// What each part is found in, by the places.
    private func places(_ references: [Reference], _ parts: [HashPart]) -> [Path?] {
        parts.map { part in references.first { $0.part == part }?.place }
    }

    @Test(arguments: [1, 16]) func contentsTargetsAndNames(_ workers: Int) throws {
        let parts = try (0..<6).map(Forest.part)
        let forest = try Forest { tree in
            try tree.file("tree/file", .text("…\(parts[0].text)…"))
            try tree.symbolicLink("tree/link", to: "/nix/store/\(parts[1].text)-x/bin")
            try tree.file("tree/deep/\(parts[2].text)-name", .empty)
            try tree.directory("tree/\(parts[3].text)")
            try tree.fifo("tree/pipe")
            try tree.file("file", .text(parts[4].text))
            try tree.symbolicLink("link", to: "\(parts[5].text)")
        }
        let found = try forest.references(["tree", "file", "link"], to: parts, workers: workers)
        let names = [2, 3].map { parts[$0].text }
        let expected: [Path?] = ["file", "link", Path("deep/\(names[0])-name"), Path(names[1]), nil, nil]
        #expect(places(found[0], parts) == expected)
        #expect(found[1] == [Reference(part: parts[4], place: "")])
        #expect(found[2] == [Reference(part: parts[5], place: "")])
    }

    @Test("references are found where types and sizes are reported wrongly", arguments: [1, 16])
    func correctsWhatIsReported(_ workers: Int) throws {
        guard let mount = try OddMount.lying() else { return }
        let part = try #require(HashPart("00000000000000000000000000000001".utf8))
        let target = Path(mount.path.bytes)
        for (tree, place) in [("directory", "in"), ("largelong", "")] as [(Path, Path)] {
            let scan = ReferenceScan(in: target, workers: workers)
            #expect(try scan.references(of: [tree], to: [part]) == [[Reference(part: part, place: place)]])
        }
        let all = ReferenceScan(in: target.parent, workers: workers)
        let found = try all.references(of: [target.lastComponent], to: [part])
        #expect(found == [[Reference(part: part, place: "directory/in")]])
    }

    @Test func theNameOfATreeIsNoPartOfIt() throws {
        let part = try Forest.part(0)
        let forest = try Forest { try $0.file("\(part.text)-tree/file", .text("nothing")) }
        #expect(try forest.references([Path("\(part.text)-tree")], to: [part], workers: 2) == [[]])
    }

    /// At every distance from the end of a piece, and of the file.
    @Test(arguments: [1, 16]) func acrossPieces(_ workers: Int) throws {
        let parts = try (0..<36).map(Forest.part)
        let forest = try Forest { tree in
            for (distance, part) in parts.enumerated() {
                let start = Self.pieceSize * (1 + distance % 3) + 2 - distance
                let bytes = [UInt8](repeating: UInt8(ascii: "e"), count: start) + part.digits
                try tree.file("tree/\(distance)", .bytes(bytes + [UInt8](repeating: 0, count: distance / 2)))
            }
        }
        let found = try forest.references(["tree"], to: parts, workers: workers)
        #expect(places(found[0], parts) == parts.indices.map { Path("\($0)") })
    }

    /// Every window of a run counts, also where pieces meet in it; and half of one does not.
    @Test(arguments: [1, 16]) func longRuns(_ workers: Int) throws {
        var random = SplitMix64(seed: 11)
        let run = (0..<(3 * Self.pieceSize)).map { _ in random.pick(Forest.digits) }
        let starts = [0, 1, 31, 32, 5000].flatMap {
            [$0, Self.pieceSize - $0, 2 * Self.pieceSize - $0, run.count - 32 - $0]
        }
        let parts = try Set(starts).map { try #require(HashPart(run[$0..<($0 + 32)])) }
        let half = try #require(HashPart(run.suffix(31) + [UInt8(ascii: "0")]))
        let forest = try Forest { try $0.file("tree/run", .bytes(run)) }
        let found = try forest.references(["tree"], to: parts + [half], workers: workers)
        #expect(Set(found[0].map(\.part)) == Set(parts))
    }

    /// Data begins within a piece, and what is before it and behind it is not read: there are 400 pieces of which 4
    /// have data.
    @Test(arguments: [1, 16]) func holes(_ workers: Int) throws {
        let part = try Forest.part(1)
        let data = (70 << 20) + 65536
        let forest = try Forest { tree in
            try tree.file("tree/holes", .sparse(length: 100 << 20, data: [data..<(71 << 20)]))
        }
        let place = "printf %s \(part.text) | dd of=\"$0\" bs=1 seek=\(data + 5) conv=notrunc 2>/dev/null"
        try Command.succeed(["sh", "-c", ByteString(place), forest.scratch / "tree/holes"])
        let reads = Mutex(0)
        let plan: Faults.Plan = { _, call in
            if call == .read { reads.withLock { $0 += 1 } }
            return nil
        }
        let found = try Faults.during(plan) {
            try forest.references(["tree"], to: [part], workers: workers)
        }.0
        #expect(found[0].map(\.place) == ["holes"])
        #expect(reads.withLock { $0 } < 30)
    }

    /// The first in the order of the walk, in which `a` and all that is in it come before `a.b`.
    @Test(arguments: [1, 16]) func theFirstPlaceCounts(_ workers: Int) throws {
        let part = try Forest.part(2)
        let forest = try Forest { tree in
            let large = [UInt8](repeating: 0, count: 3 * Self.pieceSize) + part.digits
            for name in ["a/b/z", "a.b", "z"] { try tree.file("tree/\(name)", .bytes(large)) }
            for number in 0..<100 { try tree.file("tree/b/\(number)", .bytes(part.digits)) }
        }
        for _ in 0..<20 {
            let found = try forest.references(["tree"], to: [part], workers: workers)
            guard found[0].map(\.place) == ["a/b/z"] else {
                Issue.record("\(found)")
                return
            }
        }
    }

    @Test(arguments: [1, 16]) func closures(_ workers: Int) throws {
        let parts = try (0..<100).map(Forest.part)
        let names = parts.indices.map { Path("\(parts[$0].text)-\($0)") }
        let forest = try Forest { tree in
            for index in 0..<100 where index % 10 != 9 {
                try tree.file(ByteString(names[index].bytes + Array("/next".utf8)), .text(parts[index + 1].text))
            }
            // A cycle of two, one that names itself, and two of one hash part.
            try tree.file(ByteString(names[9].bytes + Array("/first".utf8)), .text(parts[0].text))
            try tree.file(ByteString(names[19].bytes), .text(parts[19].text))
            for index in [29, 39, 49, 59, 69, 79, 89, 99] { try tree.file(ByteString(names[index].bytes)) }
            try tree.file("\(parts[5].text)-twin", .text(parts[97].text))
        }
        var entries = Dictionary(uniqueKeysWithValues: zip(parts, names.map { [$0] }))
        let twin = Path("\(parts[5].text)-twin")
        entries[parts[5]] = [names[5], twin]
        let scan = ReferenceScan(in: forest.path, workers: workers)
        let found = try scan.closure(of: [names[3], names[15]], among: entries)
        let expected = names[0..<10] + [twin] + names[97..<100] + names[15..<20]
        #expect(found.map(\.tree) == expected.sorted())
        #expect(found.first { $0.tree == names[9] }?.references.map(\.part) == [parts[0]])
        #expect(found.first { $0.tree == names[19] }?.references.map(\.part) == [parts[19]])
    }
}
