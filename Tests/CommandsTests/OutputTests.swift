import TestSupport
import Testing

/// What the executable says, where, and with which exit status.
@Suite struct OutputTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        try TreeBuilder.build(at: scratch / "source") { tree in
            for index in 0..<10 { try tree.file("a/\(index)", .pattern(size: 1000)) }
            try tree.symbolicLink("b/link", to: "x")
            try tree.hardLink("b/again", to: "a/0")
        }
    }

    @Test func copyIsSilent() throws {
        let result = try Repot.run(["-R", scratch / "source", scratch / "copy"])
        #expect(result.status == 0 && result.output == [] && result.errors == [])
    }

    @Test func reportIsJSON() throws {
        let result = try Repot.run(["-R", "--json", "--strategy=copy", scratch / "source", scratch / "missing/copy"])
        #expect(result.status == 1)
        #expect(result.outputText.contains(#""errorCount":1,"errors":[{"path":""#))
        #expect(result.outputText.contains(#""message":"cannot create directory '"#))
        #expect(result.outputText.contains(#""errno":"ENOENT"}]"#))
        let good = try Repot.run(["-R", "--json", "--strategy=copy", scratch / "source", scratch / "copy"])
        #expect(good.status == 0 && good.errors == [])
        let counts =
            #"{"roots":1,"bytes":10000,"linked":0,"reflinked":0,"copied":10,"relinked":1,"directories":3,"symlinks":1,"#
        #expect(good.outputText.hasPrefix(counts))
        let parsed = try Command.run(["python3", "-m", "json.tool"], input: good.output)
        #expect(parsed.status == 0)
    }

    @Test func explanationNamesTheReasons() throws {
        guard let other = try FileSystemMatrix.require(.tmpfs)?.scratch() else { return }
        let result = try Repot.run(["-Rl", "--explain", scratch / "source", other / "copy"])
        #expect(result.status == 0 && result.output == [])
        #expect(result.errorText.contains("to tmpfs):\n  hardlink: crosses a mount (EXDEV)\n"))
        #expect(result.errorText.contains("11 stepped down: crosses a mount\n"))
        #expect(result.errorText.contains("10 copied (crosses a mount), 1 linked again in "))
        let strict = try Repot.run(["-Rl", "--strict", scratch / "source", other / "strict"])
        #expect(strict.status == 1 && strict.errorText.contains("Invalid cross-device link"))
    }

    @Test func verboseNamesEachEntryOnce() throws {
        let result = try Repot.run(["-Rv", "-j8", scratch / "source", scratch / "copy"])
        let lines = result.outputText.split(separator: "\n")
        #expect(lines.count == 15 && Set(lines).count == 15)
        #expect(lines.contains("'\(scratch / "source/a/3")' -> '\(scratch / "copy/a/3")'"))
    }

    /// What is there and is no file is written to: it does not become a copy.
    @Test func devicesKeepTheirMetadata() throws {
        guard OrdinaryUser.isRoot else { return }
        try TreeBuilder.build(at: scratch / "devices") {
            try $0.characterDevice("null", DeviceNumber(major: 1, minor: 3), Attributes(mode: 0o666))
        }
        let before = try TreeSnapshot(of: scratch / "devices")
        let result = try Repot.run([scratch / "source/a/0", scratch / "devices/null"])
        #expect(result.status == 0 && result.errors == [])
        #expect(TreeSnapshot.difference(before, try TreeSnapshot(of: scratch / "devices")) == [])
    }

    /// More parents than the process may have files open.
    @Test func parentsAreNotBoundByDescriptors() throws {
        try TreeBuilder.build(at: scratch / "wide") { tree in
            for index in 0..<200 { try tree.file("d\(index)/f", .text("x")) }
        }
        try TreeBuilder.build(at: scratch / "target") { _ in }
        let command = "cd \"$1\" && prlimit --nofile=128:128 \"$0\" --parents -P d*/f \"$2\""
        let result = try Command.run(
            ["/bin/bash", "-c", ByteString(command), Repot.path, scratch / "wide", scratch / "target"])
        #expect(result.status == 0 && result.errors == [], "\(result.errorText)")
        let difference = TreeSnapshot.difference(
            try TreeSnapshot(of: scratch / "wide"), try TreeSnapshot(of: scratch / "target"), ignoring: [.rootTimes])
        #expect(difference == [])
    }

    /// A shell starts background jobs of scripts with SIGINT ignored.
    @Test func ignoredInterruptionsStayIgnored() throws {
        let script = "trap '' INT; \"$0\" -R \"$1\" \"$2\" & p=$!; kill -INT $p; wait $p"
        let result = try Command.run(
            ["/bin/bash", "-c", ByteString(script), Repot.path, scratch / "source", scratch / "copy"])
        #expect(result.status == 0)
    }

    /// A reader that goes away ends the output and not the copy; a full one shows in the status.
    @Test func brokenPipesAreQuietAndFullDisksAreNot() throws {
        let shell: [ByteString] = ["/bin/bash", "-c"]
        let pipe = try Command.run(
            shell + [
                "set -o pipefail; \"$0\" -Rv \"$1\" \"$2\" | true", Repot.path, scratch / "source", scratch / "copy",
            ])
        #expect(pipe.status == 0 && pipe.errorText == "")
        #expect(try difference(scratch / "source", scratch / "copy") == [])
        let full = try Command.run(
            shell + ["\"$0\" -R --json \"$1\" \"$2\" > /dev/full", Repot.path, scratch / "source", scratch / "second"])
        #expect(full.status == 1)
        for (index, options) in ["-Rv", "-Rv --json"].enumerated() {
            let command = "\"$0\" \(options) \"$1\" \"$2\" > /dev/full"
            let verbose = try Command.run(
                shell + [ByteString(command), Repot.path, scratch / "source", scratch / "verbose\(index)"])
            #expect(verbose.status == 1, "\(options)")
        }
    }

    @Test func progressIsDrawnWhereItIsAskedFor() throws {
        let result = try Repot.run(["-R", "--progress=always", scratch / "source", scratch / "copy"])
        #expect(result.status == 0 && result.output == [])
        #expect(result.errorText.contains("11 files, ") || result.errorText.contains("files, 9.8 KiB"))
    }

    @Test func wrongUsageHasItsOwnStatus() throws {
        for words: [ByteString] in [
            ["--wrong", "a", "b"], ["a"], ["cp"], ["-t", "nowhere", "a"], ["--strategy=x", "a", "b"],
        ] {
            let result = try Repot.run(words)
            #expect(result.status == 64 && result.output == [], "\(words)")
            #expect(result.errorText.hasPrefix("repot: "), "\(words)")
        }
        #expect(try Repot.run(["--version"]).outputText.hasPrefix("repot "))
        #expect(try Repot.run(["cp", "--help"]).outputText.contains("--strategy=HOW"))
    }

    @Test func oddNamesAreEscapedInMessages() throws {
        let name: ByteString = [0x61, 0xff, 0x0a, 0x27]
        let result = try Repot.run(["-R", scratch / name, scratch / "copy"])
        #expect(result.status == 1)
        let quoted = "'\(scratch.pathText)/a'$'\\377\\n'''\\'''"
        #expect(result.errorText == "repot: cannot stat \(quoted): No such file or directory\n")
    }

    /// Text of another encoding would become another path.
    @Test func stageRefusesWhatIsNoText() throws {
        let result = try Repot.run(["stage", "--closure", "list", scratch / [0x6f, 0xff]])
        #expect(result.status == 64)
        #expect(result.errorText.hasPrefix("repot: '\(scratch.pathText)/o'$'\\377' is not valid UTF-8"))
    }

    /// All that is written to a FIFO, whenever it comes.
    @Test(arguments: ["\"$0\" fifo copy", "\"$0\" /dev/stdin copy < fifo"] as [ByteString])
    func fifosAreReadToTheirEnd(_ command: ByteString) throws {
        let script = "mkfifo fifo; (sleep 0.2; echo one; sleep 0.2; echo two) > fifo & timeout 10 \(command); cat copy"
        let result = try Command.run(["/bin/bash", "-c", ByteString(script), Repot.path], directory: scratch.path)
        #expect(result.outputText == "one\ntwo\n" && result.errorText == "")
    }
}
