import Nar
import SystemCalls
import TestSupport
import Testing

/// Against Nix itself, which is asked for the archive's hash and for the archive.
@Suite(.serialized) struct NarDigestTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// What a store path may have in it.
    private static let shape = RandomTree.Shape(
        features: [
            .directory, .file, .sparseFile, .link, .danglingLink, .longLink, .hardLink, .oddName, .longName,
            .readOnlyDirectory, .readOnlyFile, .setIdFile,
        ])

    private func nixDigest(_ tree: ByteString) throws -> NarDigest {
        let text = try Command.succeed(["nix-hash", "--type", "sha256", tree]).outputText
        let archive = try Command.succeed([
            "bash", "-c", "nix-store --dump \"$1\" | sha256sum; nix-store --dump \"$1\" | wc -c", "bash", tree,
        ]).outputText.split(separator: "\n")
        let hash = try #require(NarHash(String(text.dropLast())))
        #expect(archive[0].hasPrefix(hash.base16))
        return NarDigest(hash: hash, size: try #require(UInt64(archive[1])))
    }

    private func digests(_ trees: [ByteString], workers: Int = 2) throws -> [NarDigest] {
        try NarDigests(workers: workers).digests(of: trees.map { NarTree(Path($0.bytes)) }).map { try $0.get() }
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64]) func randomTreesAreAsNixSays(_ seed: UInt64) throws {
        try RandomTree(seed: seed, shape: Self.shape).build(at: scratch / "tree")
        #expect(try digests([scratch / "tree"]) == [try nixDigest(scratch / "tree")], "seed \(seed)")
    }

    @Test("types and sizes that a file system reports wrongly do not change the hash")
    func correctsWhatIsReported() throws {
        guard let mount = try OddMount.lying() else { return }
        // cat(1) reads to the end.
        let script = """
            mkdir -p "$1/directory"
            for file in zero longer shorter now largeshort largelong directory/in; do cat "$0/$file" >"$1/$file"; done
            for link in link directory/link; do ln -s "$(readlink "$0/$link")" "$1/$link"; done
            """
        try Command.succeed(["bash", "-c", ByteString(script), mount.path, scratch / "copy"])
        let found = try digests([mount.path])
        #expect(try found == digests([scratch / "copy"]))
        #expect(try found == [nixDigest(scratch / "copy")])
    }

    @Test("a device that is mounted over a file is an error that names it")
    func refusesMountedDevices() throws {
        guard OrdinaryUser.isRoot else { return }
        let file = scratch / "tree/conf"
        try TreeBuilder.build(at: scratch / "tree") { try $0.file("conf") }
        try Command.succeed(["mount", "--bind", "/dev/null", file])
        defer { _ = try? Command.run(["umount", file]) }
        let error = #expect(throws: PathError.self) { try digests([scratch / "tree"]) }
        #expect(error?.path == Path(file.bytes))
        #expect(error?.description.contains("character device") == true)
    }

    /// Sizes around the words of eight bytes, the batch and the buffer.
    @Test func allSizesOfFilesAreAsNixSays() throws {
        let edges = [16384, 16384 - 96, 262_144, 524_288]
        let sizes = Array(0...17) + edges.flatMap { [$0 - 1, $0, $0 + 1] } + [1_000_003]
        try TreeBuilder.build(at: scratch / "tree") { tree in
            for size in sizes {
                try tree.file(ByteString("plain/\(size)"), .pattern(size: size))
                try tree.file(ByteString("x/\(size)"), .pattern(size: size), Attributes(mode: 0o755))
            }
        }
        #expect(try digests([scratch / "tree"]) == [try nixDigest(scratch / "tree")])
    }

    /// Only the owner's bit makes a program. Names are in byte order, whatever the locale.
    @Test func modesAndNamesAreAsNixSays() throws {
        try TreeBuilder.build(at: scratch / "tree") { tree in
            for mode in [0o100, 0o010, 0o001, 0o677, 0o444, 0o555, 0o4755] as [UInt16] {
                try tree.file(ByteString("modes/\(mode)"), .text("m"), Attributes(mode: mode))
            }
            for name in ["a", "a.b", "a-b", "aB", "ab", "B", "a/c"] as [ByteString] where name != "a" {
                try tree.file("names/" + name)
            }
            try tree.file(ByteString(Array("names/".utf8) + [0xc3, 0xa4]))
            try tree.file(ByteString(Array("names/".utf8) + [0xff, 0x0a, 0x80]))
            try tree.directory("empty/empty")
        }
        #expect(try digests([scratch / "tree"]) == [try nixDigest(scratch / "tree")])
    }

    /// A store path may be a file or a symlink; results keep their order at any number of workers.
    @Test(arguments: [1, 2, 16]) func manyTreesOfAllKinds(_ workers: Int) throws {
        try TreeBuilder.build(at: scratch / "trees") { tree in
            for number in 0..<40 { try tree.file(ByteString("\(number)/file"), .pattern(size: number * 1000)) }
            try tree.file("file", .text("content"))
            try tree.file("program", .text("content"), Attributes(mode: 0o555))
            try tree.symbolicLink("link", to: "nowhere")
        }
        let names = (0..<40).map { ByteString("\($0)") } + ["file", "program", "link"]
        let trees = names.map { scratch / "trees" / $0 }
        let expected = try digests(trees, workers: 1)
        #expect(try digests(trees, workers: workers) == expected)
        for index in [0, 39, 40, 41, 42] { #expect(expected[index] == (try nixDigest(trees[index]))) }
    }

    @Test func whatIsExcludedIsAsIfItWereNotThere() throws {
        try TreeBuilder.build(at: scratch / "less") { tree in
            try tree.file("bin/program", .text("p"))
            try tree.directory("share")
        }
        try TreeBuilder.build(at: scratch / "more") { tree in
            try tree.file("bin/program", .text("p"))
            try tree.file("share/doc/manual", .text("m"))
        }
        let less = NarTree(Path((scratch / "less").bytes))
        let more = NarTree(Path((scratch / "more").bytes)) { $0 == Array("share/doc".utf8) }
        let found = try NarDigests().digests(of: [less, more]).map { try $0.get() }
        #expect(found[0] == found[1])
    }

    @Test(arguments: ["fifo", "socket"]) func whatNoArchiveHoldsIsNamed(_ kind: String) throws {
        try TreeBuilder.build(at: scratch / "tree") { tree in
            kind == "fifo" ? try tree.fifo("a/odd") : try tree.socket("a/odd")
        }
        let error = try #require(self.error(scratch / "tree"))
        #expect(error.path == Path((scratch / "tree/a/odd").bytes))
        #expect(error.description.contains(kind == "fifo" ? "is a FIFO" : "is a socket"))
    }

    @Test func whatIsNotThereIsNamed() throws {
        let error = try #require(self.error(scratch / "nothing"))
        #expect(error.errno == .notFound && error.path == Path((scratch / "nothing").bytes))
    }

    @Test func cancelledRunsSaySo() throws {
        try TreeBuilder.build(at: scratch / "tree") { try $0.file("file") }
        let result = NarDigests(isCancelled: { true }).digests(of: [NarTree(Path((scratch / "tree").bytes))])
        guard case .failure(let error) = result[0] else { throw TestError("not cancelled") }
        #expect(error.isCancelled)
    }

    private func error(_ tree: ByteString) -> PathError? {
        guard case .failure(let error) = NarDigests(workers: 1).digests(of: [NarTree(Path(tree.bytes))])[0]
        else { return nil }
        return error
    }
}

/// A system call that fails, and a file that somebody writes to meanwhile.
@Suite(.serialized) struct NarFaultTests {
    private let scratch: Scratch
    private var tree: ByteString { scratch / "tree" }

    init() throws { scratch = try Scratch() }

    private func result() -> Result<NarDigest, PathError> {
        NarDigests(workers: 1).digests(of: [NarTree(Path(tree.bytes))])[0]
    }

    /// Each call in turn: an error with its path and number, or, where there is another way, the same digest.
    @Test func anyCallMayFail() throws {
        try TreeBuilder.build(at: tree) { tree in
            try tree.file("a/file", .text("content"))
            try tree.file("large", .pattern(size: 600_000))
            try tree.symbolicLink("link", to: "a")
        }
        let expected = try result().get()
        var n = 1
        while true {
            let before = try DescriptorCount.now()
            let number = n
            let (found, calls) = Faults.during({ count, _ in count == number ? .inputOutput : nil }) { result() }
            #expect(try DescriptorCount.now() == before, "call \(n)")
            if calls < n { break }
            guard case .failure(let error) = found else { throw TestError("call \(n) of \(calls) was ignored") }
            #expect(error.errno == .inputOutput && error.path.hasPrefix(Path(tree.bytes)), "call \(n): \(error)")
            n += 1
        }
        #expect(n > 15)
        #expect(try result().get() == expected)
    }

    @Test func interruptedCallsAreRepeated() throws {
        try TreeBuilder.build(at: tree) { try $0.file("file", .text("content")) }
        let expected = try result().get()
        let (found, _) = Faults.during({ count, _ in count % 2 == 1 ? .interrupted : nil }) { result() }
        #expect(try found.get() == expected)
    }

    @Test(arguments: [3000, 3_000_000], [-1000, 1000])
    func aFileThatChangesIsNamed(_ size: Int, _ growth: Int) throws {
        try TreeBuilder.build(at: tree) { try $0.file("file", .pattern(size: size)) }
        let path = (tree / "file").description
        let (found, _) = Faults.during({ _, call in
            if call == .read { setSize(path, size + growth) }
            return nil
        }) { result() }
        guard case .failure(let error) = found else { throw TestError("not seen") }
        #expect(error.path == Path((tree / "file").bytes) && error.description.contains("changed while it was read"))
    }
}
