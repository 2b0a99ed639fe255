import SystemCalls
import TestSupport
import Testing

/// `repot tar` as people call it.
@Suite(.serialized) struct ArchiveTests {
    private let scratch: Scratch
    private var tree: ByteString { scratch / "tree" }

    init() throws {
        scratch = try Scratch()
        try TreeBuilder.build(at: tree) { tree in
            for number in 0..<40 { try tree.file(ByteString("f\(number)"), .pattern(size: 100_000 + number)) }
        }
    }

    private func names(_ archive: ByteString) throws -> Int {
        try Command.succeed(["tar", "-tf", archive]).outputText.split(separator: "\n").count
    }

    private func shell(_ script: ByteString) throws -> CommandResult {
        try Command(["bash", "-c", script, "bash", Repot.path, tree, scratch / "out"]).run()
    }

    /// What is redirected goes where it would go from any program: behind what is there, and before what follows.
    @Test(
        arguments: [
            "\"$1\" tar -q --rootfs \"$2\" >\"$3\"", "\"$1\" tar -q --rootfs \"$2\" -o /dev/stdout >\"$3\"",
            "\"$1\" tar -q --rootfs \"$2\" >>\"$3\"", "\"$1\" tar -q --rootfs \"$2\" | (sleep 0.3; cat) >\"$3\"",
            "mkfifo \"$3.fifo\"; (sleep 0.3; cat \"$3.fifo\" >\"$3\") & \"$1\" tar -q --rootfs \"$2\" -o \"$3.fifo\"; wait",
            "\"$1\" tar -q --rootfs \"$2\" -o >(sleep 0.3; cat >\"$3\"); wait $!",
        ] as [ByteString])
    func wherever(_ script: ByteString) throws {
        let result = try shell(script)
        #expect(result.status == 0 && result.errorText == "")
        #expect(try names(scratch / "out") == 41)
    }

    @Test func whatFollowsComesBehind() throws {
        #expect(try shell("{ \"$1\" tar -q --rootfs \"$2\"; echo behind; } >\"$3\"").status == 0)
        #expect(try Command.succeed(["tail", "-n", "1", scratch / "out"]).outputText.hasSuffix("behind\n"))
        #expect(try names(scratch / "out") == 41)
    }

    /// The last file of the first batch and the first of the second cannot be read: the first of them is named.
    @Test func whatComesFirstIsNamed() throws {
        try TreeBuilder.build(at: tree) { tree in
            for number in 100..<162 { try tree.file("s/\(number)", .pattern(size: 60_000)) }
            for number in 162..<164 { try tree.file("s/\(number)", .text("x"), Attributes(mode: 0)) }
        }
        try Command.succeed(["chmod", "755", scratch.path])
        let folder = tree / "s"
        for jobs: ByteString in ["1"] + Array(repeating: "2", count: 15) {
            let result = try Repot.run(
                ["tar", "-q", "--rootfs", folder, "--jobs", jobs, "-o", "/dev/null"], user: .nobody)
            #expect(result.errorText == "repot: cannot open '\(folder)/162': Permission denied\n")
        }
    }

    /// A symlink stays, what it leads to is replaced, and its mode is kept.
    @Test func symlinksAreFollowed() throws {
        let script: ByteString = """
            umask 022; mkdir "$3.d"; echo old >"$3.d/real"; chmod 600 "$3.d/real"; ln -s "$(basename "$3").d/real" "$3"
            "$1" tar -q --rootfs "$2" -o "$3" && test -L "$3" && stat -c %a "$3.d/real"
            """
        let result = try shell(script)
        #expect(result.outputText == "600\n")
        #expect(try names(scratch / "out.d/real") == 41)
    }

    @Test func aSymlinkToAFolderIsTheFolder() throws {
        #expect(try shell("ln -s \"$2\" \"$3.link\"; \"$1\" tar -q --rootfs \"$3.link\" -o \"$3\"").status == 0)
        #expect(try names(scratch / "out") == 41)
        let file = try shell("\"$1\" tar -q --rootfs \"$2/f1\" -o \"$3\"")
        #expect(file.status == 1 && file.errorText.contains("Not a directory"))
    }

    /// A reader that has had enough ends the archive without a word.
    @Test func aBrokenPipeIsQuiet() throws {
        let result = try shell("\"$1\" tar -q --rootfs \"$2\" | head -c 1000 >/dev/null; exit ${PIPESTATUS[0]}")
        #expect(result.status == 1)
        #expect(result.errorText == "")
    }

    @Test(
        "an interrupted tar to a file or to a pipe that is not read exits with 130, prints nothing and leaves no file",
        arguments: ["-o \"$3.d/a.tar\"", "-o \"$3.fifo\"", "--compression zstd -o \"$3.d/a.tar\""] as [ByteString])
    func interrupted(_ output: ByteString) throws {
        try Command.succeed(["truncate", "-s", "40G", tree / "f0"])
        let begin: ByteString = "mkdir \"$3.d\"; mkfifo \"$3.fifo\"; sleep 5 <\"$3.fifo\" & "
        let run: ByteString = "timeout --preserve-status -s INT 0.5 \"$1\" tar --rootfs \"$2\" "
        let script = ByteString(
            begin.bytes + run.bytes + output.bytes + Array("; echo $?; ls -A \"$3.d\"; kill %1".utf8))
        let result = try shell(script)
        #expect(result.outputText == "130\n" && result.errorText == "")
    }

    @Test("tar keeps a name that removes an entry in a layer, and warns about it, in files, pipes and closures")
    func warnsAboutWhiteouts() throws {
        try TreeBuilder.build(at: tree) { tree in
            try tree.file("d/.wh.note", .text("kept"))
            try tree.file("d/.whistle")
            try tree.file("s/nix/store/00000000000000000000000000000000-it/.wh..wh..opq")
        }
        let warning = "is lost if the archive becomes a layer ('docker import'): .wh. marks a removal there\n"
        for output in ["-o \"$3\"", "| cat >\"$3\""] as [ByteString] {
            let result = try shell("\"$1\" tar -q --rootfs \"$2/d\" \(output)")
            #expect(result.status == 0 && result.errorText == "repot: warning: '\(tree)/d/.wh.note' \(warning)")
            #expect(try Command.succeed(["tar", "-xOf", scratch / "out", ".wh.note"]).outputText == "kept")
        }
        let path = "/nix/store/00000000000000000000000000000000-it"
        let closure = try shell(
            "echo \(path) >\"$3.list\"; \"$1\" tar --store-root \"$2/s\" --closure \"$3.list\" -o \"$3\"")
        #expect(closure.errorText.hasPrefix("repot: warning: '\(tree)/s\(path)/.wh..wh..opq' \(warning)"))
        #expect(closure.status == 0 && closure.errorText.contains(", 1 warning; "), "\(closure.errorText)")
    }

    @Test func namesEachMember() throws {
        let result = try shell(
            "\"$1\" tar -qv --rootfs \"$2\" >\"$3\"; tar -tf \"$3\" | sed 's:^\\./::; s:/$::' >\"$3.list\"")
        let said = Set(result.errorText.split(separator: "\n"))
        #expect(said.count == 41 && said.contains("'f39'"))
    }

    @Test("Python's tarfile extracts absolute symlinks with the filter 'tar', as the README says")
    func isReadByPython() throws {
        try TreeBuilder.build(at: tree) { try $0.symbolicLink("absolute", to: "/nix/store/x") }
        let script: ByteString = """
            "$1" tar -q --rootfs "$2" -o "$3.tar" && python3 -W error -c "
            import sys, tarfile
            trust = {'filter': 'tar'} if hasattr(tarfile, 'tar_filter') else {}
            tarfile.open(sys.argv[1]).extractall(sys.argv[2], **trust)" "$3.tar" "$3" && readlink "$3/absolute"
            """
        #expect(try shell(script).outputText == "/nix/store/x\n")
    }
}
