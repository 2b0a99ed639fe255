import SystemCalls
import TestSupport
import Testing

/// The executable in processes that lack something that others have.
@Suite(.serialized) struct ProcessStartTests {
    private static let storePath: ByteString = "00000000000000000000000000000001-p"
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        try Command.succeed(["chmod", "755", scratch.path])
        try TreeBuilder.build(at: scratch / "source") { tree in
            try tree.file("file", .text("content"), Attributes(mode: 0o644))
            try tree.symbolicLink("symlink", to: "file")
            for index in 0..<300 { try tree.file("directory/\(index)", .text("x"), Attributes(mode: 0o444)) }
        }
        let store: ByteString = scratch / "nix/store" + "/" + Self.storePath
        try Command.succeed(["mkdir", "-p", store])
        try Command.succeed(["cp", "-R", scratch / "source/.", store])
        try Command.succeed(["chmod", "-R", "a-w", store])
        try Command.succeed(["find", store, "-depth", "-exec", "touch", "-hd", "@1", "{}", "+"])
        try Command.succeed(["bash", "-c", "echo /nix/store/$0 > $1", Self.storePath, scratch / "list"])
        try Command.succeed(["install", "-m", "755", Repot.path, scratch / "repot"])
    }

    private func shell(_ script: ByteString, _ arguments: [ByteString] = []) throws -> CommandResult {
        try Command.run(
            ["bash", "-c", script, Repot.path] + arguments, directory: scratch.path, timeout: .seconds(60))
    }

    @Test(
        "every command works without /proc",
        arguments: [
            "-R source out", "stage -q --store-root . --closure list out",
            "tar --store-root . --closure list -o out.tar", "image --store-root . --closure list -o oci:out:x",
        ])
    func worksWithoutProc(words: String) throws {
        guard isRoot else { return }
        try Command.succeed(["ln", "-s", Repot.path, scratch / "cp"])
        let hidden: ByteString = "exec unshare -m bash -c 'mount -t tmpfs none /proc && exec \"$@\"' - "
        let result = try shell(hidden + ByteString("$0 \(words)"))
        #expect(result.ending == .exited(0), "\(result.errorText)")
        if words.hasPrefix("-R") {
            #expect(try difference(scratch / "source", scratch / "out") == [])
            #expect(try shell(hidden + "./cp -a source copy").ending == .exited(0))
            #expect(try difference(scratch / "source", scratch / "copy") == [])
        } else if words.hasPrefix("stage") {
            let staged: ByteString = scratch / "out/nix/store" + "/" + Self.storePath
            #expect(try difference(scratch / "nix/store" + "/" + Self.storePath, staged) == [])
            #expect(try shell(hidden + "$0 verify --store-root . --closure list out").ending == .exited(0))
        }
    }

    @Test("without /proc, the attributes of symlinks and special files are copied")
    func attributesWithoutProc() throws {
        guard isRoot else { return }
        let script: ByteString = """
            mkfifo -m 640 source/fifo
            setfattr -h -n trusted.test -v value source/symlink && setfattr -n trusted.test -v value source/fifo || exit 77
            unshare -m bash -c 'mount -t tmpfs none /proc && exec "$@"' - $0 -R source out || exit 1
            getfattr -h --only-values -n trusted.test out/symlink out/fifo; stat -c %a out/fifo
            """
        let result = try shell(script)
        if result.ending == .exited(77) { return }
        #expect(result.outputText == "valuevalue640\n", "\(result.errorText)")
    }

    @Test("the settings for the Swift runtime do not reach other programs")
    func environmentIsRestored() throws {
        try Command.succeed(["bash", "-c", "printf '#!/bin/sh\\nenv >&2\\n' > $0; chmod +x $0", scratch / "docker"])
        let result = try shell("PATH=$PWD:$PATH $0 image --store-root . --closure list -o docker-daemon:x:y")
        #expect(result.errorText.contains("PATH="))
        #expect(!result.errorText.contains("SWIFT_"), "\(result.errorText)")
    }

    @Test("an empty argument list is an error")
    func emptyArgumentsAreAnError() throws {
        let result = try shell("exec -a '' $0")
        #expect(result.ending == .exited(64))
        #expect(result.outputText == "" && result.errorText.contains("argument list is empty"))
    }

    @Test("no message and no progress bar reaches a file if the standard streams are closed")
    func closedStreamsStayApart() throws {
        let result = try shell(
            """
            mkfifo fifo; (echo begin; sleep 0.6; echo end) >fifo &
            $0 cp --progress=always fifo out <&- >&- 2>&-; echo $?; cat out
            $0 cp -v source/file out2 >&-; echo $?; cmp source/file out2
            $0 cp missing out3 2>&-; echo $?
            $0 cp source/file /dev/stdout >&- 2>/dev/null; echo $?
            $0 tar --store-root . --closure list -o - >&- 2>/dev/null; echo $?
            """)
        #expect(result.outputText == "0\nbegin\nend\n1\n1\n1\n1\n")
        #expect(result.errorText.contains("write error"))
    }

    @Test(
        "a process that may not start threads finishes its work",
        arguments: [
            "-R source to/out", "-Rv -j8 source to/out", "cp --progress=always -R source to/out",
            "stage -q --store-root . --closure list to/out", "tar --store-root . --closure list -o to/out",
            "tar --store-root . --closure list --compression zstd -o to/out",
            "image --store-root . --closure list -o oci:to/out:x",
            "verify --store-root . --closure list nix/store/..",
        ], [1, 2, 3])
    func worksWithoutThreads(words: String, processes: Int) throws {
        guard isRoot else { return }
        let user = 20_000 + processes
        let result = try shell(
            ByteString(
                """
                chmod -R a+rX source nix; mkdir to; chown \(user) to
                timeout -s KILL 20 setpriv --reuid \(user) --regid \(user) --clear-groups \
                    prlimit --nproc=\(processes) ./repot \(words) >/dev/null
                """))
        let isComplete = words.hasPrefix("verify") || result.ending == .exited(0)
        #expect(isComplete && result.ending != .signalled(9), "\(result.ending) \(result.errorText)")
        guard words.hasSuffix("source to/out") else { return }
        #expect(try difference(scratch / "source", scratch / "to/out", ignoring: [.owner, .group]) == [])
    }

    @Test("six descriptors are enough to copy a tree", arguments: [6, 7, 8, 9, 10, 16, 40])
    func copiesWithFewDescriptors(limit: Int) throws {
        try Command.succeed(
            ["bash", "-c", "mkdir -p source/a/b/c/d/e/f && ln source/file source/a/b/c/link"], directory: scratch.path)
        let result = try shell(ByteString("ulimit -n \(limit); ./repot -R source out && ./repot cp -R source/. into"))
        #expect(result.ending == .exited(0), "\(result.errorText)")
        #expect(try difference(scratch / "source", scratch / "out") == [])
        #expect(try difference(scratch / "source", scratch / "into") == [])
    }

    @Test("staging with too few descriptors fails before anything is written")
    func stageRefusesFewDescriptors() throws {
        let result = try shell("ulimit -n 10; ./repot stage --store-root . --closure list out; echo $?; ls out")
        #expect(result.outputText == "1\n" && result.errorText.contains("ulimit -n"))
    }

    @Test("a run with little memory succeeds or reports the reason")
    func endsWithoutMemory() throws {
        for kibibytes in [20_000, 24_000, 26_000, 29_004, 33_000, 60_000] {
            let result = try shell(
                ByteString(
                    "ulimit -v \(kibibytes); timeout -s KILL 20 ./repot tar --store-root . --closure list -o out"))
            guard case .exited(let status) = result.ending else {
                Issue.record("\(kibibytes) KiB: \(result.ending) \(result.errorText)")
                continue
            }
            #expect(status == 0 || !result.errorText.isEmpty)
            #expect([0, 1, 127, 137, 139].contains(status), "\(kibibytes) KiB: \(status)")
            #expect(status != 137, "\(kibibytes) KiB: it hangs")
        }
    }

    @Test("a word that resembles a command copies nothing")
    func resemblingWordCopiesNothing() throws {
        let result = try shell("$0 stge source out; echo $?; ls; touch stge; $0 stge out2; echo $?; ls out2")
        #expect(result.outputText.hasPrefix("64\n") && !result.outputText.contains("out\n"))
        #expect(result.outputText.hasSuffix("0\nout2\n"))
        #expect(result.errorText.contains("did you mean 'stage'?"))
    }

    private var isRoot: Bool { ProcessState.effectiveOwner.user == 0 }
}
