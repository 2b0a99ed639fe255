import TestSupport
import Testing

/// Trees deeper than a path may be long, and deeper than a process may have files open.
@Suite struct DeepTreeTests {
    @Test func pathsBeyondPathMaxAreCopied() throws {
        let scratch = try Scratch()
        let deep = DeepTree(levels: 300)
        try TreeBuilder.build(at: scratch / "source") { _ in }
        try deep.build(at: scratch / "source")
        for options: ByteString in ["-R", "-Rl"] {
            let copy = scratch / ("copy" + options)
            let result = try Repot.run([options, scratch / "source", copy])
            #expect(result.status == 0 && result.errorText == "")
            let tree = try TreeSnapshot(of: copy)
            #expect(tree.count == 302 && tree[deep.deepestPath / DeepTree.leaf]?.size == 7)
            #expect(try difference(scratch / "source", copy) == [])
        }
    }

    @Test func newErrorsNameTheWholePath() throws {
        let scratch = try Scratch()
        let deep = DeepTree(levels: 30)
        try TreeBuilder.build(at: scratch / "source") { _ in }
        try deep.build(at: scratch / "source")
        let leaf = deep.deepestPath / DeepTree.leaf
        try TreeBuilder(at: scratch / "source").set(Attributes(mode: 0), on: leaf)
        try Command.succeed(["chmod", "755", scratch.path])
        try TreeBuilder.build(at: scratch.path) { try $0.directory("mine", Attributes(mode: 0o777)) }
        let result = try Repot.run(["-R", scratch / "source", scratch / "mine/copy"], user: .nobody)
        #expect(result.status == 1)
        #expect(
            result.errorText == "repot: cannot open '\(scratch / "source" / leaf)' for reading: Permission denied\n")
    }

    /// Each level has a second folder beside the one that goes on.
    private func buildComb(at path: ByteString, levels: Int) throws {
        try TreeBuilder.build(at: path) { _ in }
        try DeepTree(levels: levels, nameLength: 1).build(at: path)
        let script = """
            for i in $(seq \(levels)); do mkdir a || exit 1; echo $i > a/file; ln a/file b; cd -P d || exit 1; done
            """
        try Command.succeed(["/bin/dash", "-c", ByteString(script)], directory: path)
    }

    @Test(arguments: ["-j1", "-j8"])
    func deeperThanTheDescriptorLimit(workers: String) throws {
        guard let scratch = try FileSystemMatrix.require(.tmpfs)?.scratch() else { return }
        try buildComb(at: scratch / "comb", levels: 400)
        try TreeBuilder.build(at: scratch / "shaft") { _ in }
        try DeepTree(levels: 2000, nameLength: 2).build(at: scratch / "shaft")
        for source: ByteString in ["shaft", "comb"] {
            let copy = scratch / (source + "-copy")
            let command: [ByteString] = [
                "prlimit", "--nofile=64:64", Repot.path, "-R", ByteString(workers), scratch / source, copy,
            ]
            let result = try Command.run(command)
            #expect(result.status == 0 && result.errorText.prefix(500) == "", "\(source)")
            #expect(try difference(scratch / source, copy).prefix(5) == [], "\(source)")
        }
    }

    @Test("a copy succeeds although workers close directories that other workers open again", arguments: 0..<12)
    func closedByOthers(run: Int) throws {
        guard let scratch = try FileSystemMatrix.require(.tmpfs)?.scratch() else { return }
        try buildComb(at: scratch / "comb", levels: 400)
        let result = try Command.run([
            "prlimit", "--nofile=64:64", Repot.path, "-R", "-j8", scratch / "comb", scratch / "copy",
        ])
        #expect(result.status == 0 && result.errorText.prefix(500) == "")
    }

    /// What a failed run has to remove may be deeper than it may have files open.
    @Test func deepRootsThatFailAreRemoved() throws {
        guard let target = try FileSystemMatrix.require(.tmpfs)?.scratch() else { return }
        let scratch = try Scratch()
        let path = scratch / "store/0123456789abcdfghijklmnpqrsvwxyz-deep"
        try TreeBuilder.build(at: scratch.path) { try $0.directory("store/0123456789abcdfghijklmnpqrsvwxyz-deep") }
        try buildComb(at: path, levels: 300)
        let options: [ByteString] = ["-Rl", "--strict", "-q"]
        let result = try Command.run(["prlimit", "--nofile=64:64", Repot.path] + options + [path, target.path])
        #expect(result.status == 1 && !result.errorText.contains("Too many open files"))
        #expect(try TreeSnapshot(of: target.path).paths == [""])
    }

    @Test func namesMayBeAnyBytesOfAnyLength() throws {
        let scratch = try Scratch()
        let names: [ByteString] = [
            [0xff, 0xfe], [0xc3, 0x28], " ", "-", "--", "a\nb", "\u{1b}[31m", "…",
            ByteString([UInt8](repeating: 0xe9, count: 255)),
            ByteString(String(repeating: "x", count: 255)), ".repot-", ".repot-0-1", "...",
        ]
        try TreeBuilder.build(at: scratch / "source") { tree in
            for name in names {
                try tree.file("files" / name, .text("x"))
                try tree.symbolicLink("links" / name, to: name)
                try tree.hardLink("hard" / name, to: "files" / name)
                try tree.directory("folders" / name / name)
            }
        }
        for options: ByteString in ["-R", "-Rl"] {
            let result = try Repot.run([options, scratch / "source", scratch / ("copy" + options)])
            #expect(result.status == 0 && result.errorText == "")
            #expect(try difference(scratch / "source", scratch / ("copy" + options)) == [])
        }
        for name in names where name.bytes.count > 2 {
            let result = try Repot.run(["-R", "--", scratch / "source/folders" / name, scratch / "copy-R/files"])
            #expect(result.status == 1 && result.errorText.contains("cannot overwrite non-directory"))
        }
    }
}
