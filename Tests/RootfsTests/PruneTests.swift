import NixClosure
import Pruning
import Rootfs
import StoreFixture
import SystemCalls
import TestSupport
import Testing
import TreeCopy

/// What `--prune` leaves out.
@Suite struct PruneTests {
    private let fake: FakeStore
    private let path: Path
    private var out: ByteString { fake.scratch / "out" }
    private var staged: ByteString { out / ByteString(String(describing: path).dropFirst().description) }

    init() throws {
        fake = try FakeStore()
        path = try fake.add("a", "program") { tree in
            try tree.file("bin/program", .pattern(size: 100))
            try tree.file("share/doc/page", .pattern(size: 1000))
            try tree.file("share/doc/.hidden/page", .pattern(size: 10))
            try tree.hardLink("share/kept", to: "bin/program")
            try tree.file("lib/deep/doc/page", .pattern(size: 1))
            try tree.directory("share", Attributes(mode: 0o555, modified: TestSupport.Timestamp(seconds: 5)))
        }
    }

    private func spec(_ globs: [String], _ paths: [Path]? = nil) throws -> RootfsSpec {
        var spec = try fake.spec(paths ?? [path])
        spec.additions.prune = globs.compactMap { PruneGlob($0) }
        return spec
    }

    private func left() throws -> [String] {
        try Command.succeed(["find", staged, "-mindepth", "1", "-printf", "%P\n"]).outputText.split(separator: "\n")
            .map(String.init).sorted()
    }

    @Test(
        arguments: [
            ("*/share/doc", ["share/doc"]), ("*/**/doc", ["lib/deep/doc", "share/doc"]),
            ("**/page", ["lib/deep/doc/page", "share/doc/.hidden/page", "share/doc/page"]),
            ("*-program/*/*/doc", ["lib/deep/doc"]), ("*/share/*/*", ["share/doc/.hidden", "share/doc/page"]),
            ("*/[bl]i[bn]", ["bin", "lib"]), ("*/share/**", ["share"]), ("*/share/d?c/", ["share/doc"]),
            ("*/nothing", []), ("share/doc", []),
            ("?-program/share", []), ("*/share*doc", []),
        ] as [(String, [Path])])
    func matches(_ glob: String, _ excluded: [Path]) throws {
        let pruning = try fake.contents([path], try spec([glob]).additions).pruning
        #expect(pruning.paths.flatMap { $0.excluded.sorted() } == excluded)
        #expect(pruning.idle.map(\.description) == (excluded.isEmpty ? [glob] : []))
    }

    @Test(
        "a pattern that names no entry of the store, or has a line feed or a NUL byte, is refused",
        arguments: ["", "/", "/nix/store", "..", "*/../x", "a\nb", "a\0b"])
    func isNoPattern(_ text: String) {
        #expect(PruneGlob(text) == nil)
    }

    @Test(
        "a NUL byte in a record of pruned entries is an error that names the line",
        arguments: ["glob *\0", "path %\0 # 1 1", "path %\0x # 1 1", "path % #\0 1 1", "path % # 1\0 1", "later \0"])
    func recordContainsNUL(_ line: String) throws {
        let hash = String(repeating: "0", count: 64)
        let path = "\(FakeStore.file)"
        let bytes = line.utf8.flatMap { byte in
            byte == UInt8(ascii: "%") ? Array(path.utf8) : byte == UInt8(ascii: "#") ? Array(hash.utf8) : [byte]
        }
        let error = #expect(throws: PathError.self) {
            try PruneRecord(Array("# comment\nglob *\n".utf8) + bytes, named: "record", in: fake.store)
        }
        #expect(error?.description.contains("line 3:") == true)
    }

    @Test(arguments: ["*", "**", "*-program", "**/*"]) func noStorePathGoesAsAWhole(_ glob: String) throws {
        let error = #expect(throws: RootfsConflicts.self) { try RootfsPlan(try spec([glob])) }
        #expect(error?.errors.map(\.path) == [path])
    }

    @Test(arguments: [1, 3]) func isLeftOut(_ workers: Int) throws {
        var spec = try spec(["*/share/doc", "**/page"])
        spec.workers = workers
        let report = Stager(try RootfsPlan(spec)).stage { CopyEngine($0).copy() }
        #expect(report.errors == [])
        #expect(report.counts.pruned == 5 && report.counts.prunedBytes == 1011)
        #expect(try left() == ["bin", "bin/program", "lib", "lib/deep", "lib/deep/doc", "share", "share/kept"])
        #expect(try metadata(staged / "share").modified == SystemCalls.Timestamp(seconds: 5, nanoseconds: 0))
        #expect(try metadata(staged / "share").mode == FileMode(rawValue: 0o555))
        #expect(try metadata(staged / "share/kept").identity == metadata(staged / "bin/program").identity)
    }

    /// Of a store path that is not there, nothing was left out.
    @Test func isCountedOfWhatIsStaged() throws {
        let other = try fake.add("b", "other") { try $0.file("share/doc/page", .pattern(size: 7)) }
        func report(_ change: (inout CopyRequest) throws -> Void) throws -> CopyReport {
            var spec = try spec(["*/share/doc"], [path, other])
            spec.destination = Path(fake.scratch / ByteString("counted\(Path(Name.temporary().bytes))"))
            return Stager(try RootfsPlan(spec)).stage { request in
                var request = request
                #expect(throws: Never.self) { try change(&request) }
                return CopyEngine(request).copy()
            }
        }
        #expect(try report { _ in }.counts.prunedBytes == 1017)
        #expect(try report { $0.isCancelled = { true } }.counts.pruned == 0)
        let failed = try report { _ in try Command.succeed(["rm", "-rf", fake.root / ByteString("\(path)")]) }
        #expect(failed.errorCount == 1 && failed.counts.prunedBytes == 7)
    }

    /// Told in the order of the bytes, however it was asked for.
    @Test func isRecorded() throws {
        try fake.stage(try spec(["*/share/doc", "*/lib"], [path] + FakeStore.all))
        let record = String(decoding: try content(out / "nix-path-pruned"), as: UTF8.self)
        let lines = record.split(separator: "\n")
        #expect(lines.first?.hasPrefix("#") == true)
        #expect(lines.dropFirst().prefix(2) == ["glob */lib", "glob */share/doc"])
        #expect(lines.count == 4 && lines.last?.hasPrefix("path \(path) sha256:") == true)
        #expect(lines.last?.hasSuffix(" 1011") == true)
        let again = try fake.contents([path] + FakeStore.all, try spec(["*/lib", "*/share/doc", "*/lib"]).additions)
        #expect(again.entries.contains { $0.content == .file(Array(record.utf8), mode: 0o444) })
    }

    @Test func secondRunIsTheSameOrAConflict() throws {
        try fake.stage(try spec(["*/share/doc"]))
        let before = try InodeState.all(below: out)
        #expect(try fake.stage(try spec(["*/share/doc"])).errors == [])
        #expect(try InodeState.all(below: out) == before)
        for globs in [[], ["*/lib"], ["*/share/doc", "*/lib"]] {
            #expect(throws: RootfsConflicts.self) { try RootfsPlan(try spec(globs)) }
        }
        // What is not pruned may join.
        #expect(try fake.stage(try spec([], FakeStore.all)).errors == [])
    }

    @Test func aWholeStorePathThatIsThereIsNoPrunedOne() throws {
        try fake.stage(try spec([]))
        let error = #expect(throws: RootfsConflicts.self) { try RootfsPlan(try spec(["*/share/doc"])) }
        #expect(error?.description.contains("nothing is left out of it") == true)
        #expect(try fake.stage(try spec(["*/nothing"])).errors == [])
    }

    /// A killed run has told what it began to leave out.
    @Test func theRecordComesFirst() throws {
        var isThere = false
        let plan = try RootfsPlan(try spec(["*/share/doc"]))
        _ = Stager(plan).stage { request in
            isThere = (try? metadata(out / "nix-path-pruned")) != nil
            return CopyEngine(request).copy()
        }
        #expect(isThere)
    }

    @Test func whatIsPrunedIsNoTarget() throws {
        var spec = try spec(["*/share/doc"], [path] + FakeStore.all)
        let through = try fake.add("b", "through") { try $0.symbolicLink("doc", to: "\(path)/share/doc") }
        for target in [path.appending("share/doc/page"), through.appending("doc")] {
            spec.closure = Closure([path, through].compactMap { StorePath(baseName: $0.lastComponent) })
            spec.additions.symlinks = [try #require(RootfsSymlink(path: "/doc", target: target))]
            #expect(throws: RootfsConflicts.self) { try RootfsPlan(spec) }
        }
        spec.additions.symlinks = []
        spec.additions.profiles = [path]
        let links = try RootfsPlan(spec).symlinks.map(\.path)
        #expect(links.contains("share/kept") && !links.contains("share/doc"))
    }
}
