import SystemCalls
import TestSupport
import Testing

@testable import Image
@testable import NixClosure
@testable import Pruning

/// Changed databases, records of pruned entries and entries of the layer cache.
@Suite(.serialized) struct RecordFuzzTests {
    private static let path = "/nix/store/00000000000000000000000000000000-app"

    @Test("no page of a database crashes its reader")
    func databases() throws {
        let fuzzer = try Fuzzer("databases")
        let scratch = try Scratch()
        let file = InputFile(scratch / "db.sqlite")
        try fuzzer.run(tokens: ["ValidPaths", "Refs", "CREATE VIEW", "printf('%.*c', 900000, 'x')", Self.path]) {
            input in
            try file.write(input)
            return try outcome(of: file.path, hasLog: false, size: input.count)
        }
    }

    @Test("no write-ahead log of a database crashes its reader")
    func logs() throws {
        let fuzzer = try Fuzzer("logs")
        let scratch = try Scratch()
        let file = InputFile(scratch / "db.sqlite")
        try file.write(try readSmallFile(Fuzzer.corpus.appending("database-of-logs")))
        let log = InputFile(scratch / "db.sqlite-wal")
        try fuzzer.run(finish: { input, _ in Self.correctChecksums(input) }) { input in
            try log.write(input)
            return try outcome(of: file.path, hasLog: true, size: input.count)
        }
    }

    /// Corrects the checksums of a log, without which SQLite ignores the rest of it. Source: SQLite, 'WAL-mode File
    /// Format', 4.
    private static func correctChecksums(_ input: [UInt8]) -> [UInt8] {
        var input = input
        let frameSize = 24 + 512
        guard input.count >= 32 else { return input }
        let isBigEndian = input[3] & 1 == 1
        var sum: (UInt32, UInt32) = (0, 0)
        func add(_ range: Range<Int>) {
            for start in stride(from: range.lowerBound, to: range.upperBound, by: 8) {
                let words = [start, start + 4].map { place in
                    let bytes = input[place..<(place + 4)]
                    return (isBigEndian ? Array(bytes) : bytes.reversed()).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                }
                sum.0 = sum.0 &+ words[0] &+ sum.1
                sum.1 = sum.1 &+ words[1] &+ sum.0
            }
        }
        func put(_ start: Int) {
            for (place, word) in [(start, sum.0), (start + 4, sum.1)] {
                for byte in 0..<4 { input[place + byte] = UInt8(truncatingIfNeeded: word >> UInt32(24 - 8 * byte)) }
            }
        }
        add(0..<24)
        put(24)
        for frame in stride(from: 32, to: input.count - frameSize + 1, by: frameSize) {
            for place in 8..<16 { input[frame + place] = input[8 + place] }
            add(frame..<(frame + 8))
            add((frame + 24)..<(frame + frameSize))
            put(frame + 16)
        }
        return input
    }

    /// Reads all store paths in the database, and a closure.
    private func outcome(of path: Path, hasLog: Bool, size: Int) throws -> String {
        let store = try Store(directory: "/nix/store", root: nil)
        do throws(Database.Failure) {
            let database = try Database(path, hasLog: hasLog, size: Int64(size))
            let table = try ValidPaths(database)
            let rows = try table.rows(of: table.paths(below: store.directory))
            let closure = try table.closure(of: [Path(Self.path)])
            var listing = DatabaseListing()
            for row in rows + closure { listing.add(row, in: store) }
            let counts = [rows.count, closure.count, listing.malformed.count].map { String(repeating: "+", count: $0) }
            return counts.joined(separator: " ")
        } catch { return error.message }
    }

    @Test("no record of pruned entries crashes its parser, and a tree of patterns matches as each of them does")
    func pruneRecords() throws {
        let fuzzer = try Fuzzer("prune-records")
        let store = try Store(directory: "/nix/store", root: nil)
        let hash = String(repeating: "0", count: 64)
        let seeds = [
            "# comment\nglob */share/doc\nglob **/*.a\nglob *-app/[ab]?\npath \(Self.path) \(hash) 120 3\n",
            "glob a/**/b\nglob **/**/c/*\nglob \\*/x\nlater\nlater word\n",
        ]
        let tokens = [
            "glob ", "path ", "**/", "*/", "/**", "[a-", "]", "?", "\\", "\n", Self.path, hash, "share", "doc", "a",
            "//",
        ]
        try fuzzer.run(seeds: seeds, tokens: tokens) { input in
            try compareMatches(input)
            do throws(PathError) {
                let record = try PruneRecord(input, named: "record", in: store)
                return "\(min(record.storePaths.count, 3)) paths"
            } catch { return error.description }
        }
    }

    private static let names = ["a", "b", "ab", "doc", "share", "x.a", "*", "c"].map { Name($0) }

    /// Compares the tree with each pattern on its own, for a path that depends on the input.
    private func compareMatches(_ input: [UInt8]) throws {
        let lines = input.split(separator: UInt8(ascii: "\n")).prefix(20)
        let globs = lines.compactMap { PruneGlob(String(decoding: $0.dropFirst(5).prefix(40), as: UTF8.self)) }
        guard let tree = try? GlobTree(globs) else { return }
        let path = (0..<4).map {
            Self.names[Int(input.count > $0 ? input[$0 * input.count / 4] : 0) % Self.names.count]
        }
        for end in 1...4 {
            let progress = path[..<end].reduce(tree.start) { $0.advanced(by: $1) }
            let found = tree.globs(at: progress.ends)
            let expected = tree.globs.indices.filter { Self.matches(tree.globs[$0].steps[...], path[..<end]) }
            if found != Set(expected) { Issue.record("\(found) and \(expected) of \(globs) match \(path[..<end])") }
        }
    }

    private static func matches(_ steps: ArraySlice<PruneGlob.Step>, _ path: ArraySlice<Name>) -> Bool {
        guard let step = steps.first else { return path.isEmpty }
        if step == .anyNames {
            return (0...path.count).contains { matches(steps.dropFirst(), path.dropFirst($0)) }
        }
        guard let name = path.first else { return false }
        let isMatch =
            switch step {
            case .name(let plain): plain == name
            case .anyName, .anyNames: true
            case .pattern(let pattern): pattern.matches(name)
            }
        return isMatch && matches(steps.dropFirst(), path.dropFirst())
    }

    @Test("no entry of the layer cache crashes its parser, whether or not its checksum is right")
    func cacheEntries() throws {
        let fuzzer = try Fuzzer("cache-entries")
        let scratch = try Scratch()
        let key = Digest(of: [1])
        let file = InputFile(scratch / ByteString(key.hex))
        let cache = LayerCache(Path(scratch.path.bytes))
        let digest = Digest(of: [2])
        let seed = """
            {"diffID":"\(digest)","blob":{"mediaType":"\(MediaType.layer)+gzip","digest":"\(digest)","size":12}}
            """
        let tokens = [
            "\"diffID\":", "\"blob\":", "null", "\(digest)", "\n", "{", "}", "\"size\":", "+zstd", "text/plain",
        ]
        try fuzzer.run(
            seeds: [seed + "\n" + Digest(of: Array(seed.utf8)).hex], tokens: tokens,
            finish: { input, mutator in
                guard !mutator.once(in: 4), let end = input.lastIndex(of: UInt8(ascii: "\n")) else { return input }
                return input[...end] + Array(Digest(of: Array(input[..<end])).hex.utf8)
            },
            { input in
                try file.write(input)
                guard let blob = cache.blob(key, "\(MediaType.layer)+gzip") else { return "no entry" }
                return "an entry of \(blob.descriptor.mediaType)"
            })
    }
}
