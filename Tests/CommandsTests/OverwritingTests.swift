import SystemCalls
import TestSupport
import Testing

@testable import TreeCopy

/// What becomes of files that are there already, where GNU cp cannot be asked.
@Suite struct OverwritingTests {
    private let scratch: Scratch
    private let copy: ByteString

    init() throws {
        scratch = try Scratch()
        copy = try Repot.asCopy(in: scratch / "bin")
        try TreeBuilder.build(at: scratch / "tree") { tree in
            try tree.file("source", .text("new\n"))
            try tree.file("copy", .text("old\n"))
        }
    }

    private func shell(_ script: ByteString) throws -> CommandResult {
        try Command(
            ["/bin/bash", "-c", script, "bash", copy, Repot.path], directory: scratch / "tree"
        ).run()
    }

    /// Files whose size the kernel does not say, or says wrongly.
    @Test(arguments: ["/proc/filesystems", "/proc/version", "/sys/kernel/mm/transparent_hugepage/enabled"])
    func filesOfTheKernel(_ path: String) throws {
        for options in ["", "-a", "--sparse=always"] {
            // Held open, so that the kernel does not forget its inode meanwhile and make it anew with another time.
            let result = try shell(ByteString("exec 9<\(path); \"$1\" \(options) \(path) k && cat k && rm k"))
            let expected = try Command.succeed(["cat", ByteString(path)]).output
            #expect(result.output == expected, "\(options): \(result.errorText)")
        }
    }

    /// Two operands that are one file: the first gives both the mode that it finds, whoever is faster.
    @Test(arguments: ["--preserve=links -L", "--preserve=links", "--preserve=links,timestamps -P"])
    func theFirstNameDecides(_ options: String) throws {
        let script = """
            echo two >two; chmod 600 two; [[ $* == *-P ]] && ln two three || ln -s two three
            for i in {1..100}; do
              mkdir $i; echo before >$i/two; chmod 644 $i/two
              "$1" ${@:3} two three $i; stat -c '%a %h' $i/two
            done | uniq -c
            """
        let arguments = options.split(separator: " ").map { ByteString(String($0)) }
        let result = try Command(
            ["/bin/bash", "-c", ByteString(script), "bash", copy, Repot.path] + arguments, directory: scratch / "tree"
        ).run()
        #expect(result.outputText.split(separator: " ") == ["100", "644", "2\n"], "\(result.errorText)")
    }

    /// Where the copy fails, what was moved out of its way has its name again.
    @Test func aBackupComesBack() throws {
        let full = try shell(
            "mkdir m; mount -t tmpfs -o size=16k none m; echo old >m/f; head -c 1M /dev/zero >big; \"$1\" -bv big m/f; cat m/f; ls m; umount m"
        )
        #expect(full.outputText == "'big' -> 'm/f' (backup: 'm/f~')\n'm/f~' -> 'm/f' (unbackup)\nold\nf\n")
        #expect(full.errorText.contains("No space left on device"))
    }

    /// repot's own cp leaves files alone that have other names, whatever the options.
    @Test(arguments: ["-f", "--remove-destination", "--no-preserve=links", "-u", "-v"])
    func sharedFilesStay(_ option: String) throws {
        let script = "touch -d @1 copy; ln copy other; \"$2\" cp \(option) source copy; cat other; stat -c %h other"
        #expect(try shell(ByteString(script)).outputText.hasSuffix("old\n1\n"))
    }

    /// Attributes alone would change those of the other names.
    @Test func sharedAttributesStay() throws {
        let result = try shell(
            "ln copy other; chmod 600 source; \"$2\" cp --attributes-only source copy; echo $?; stat -c %a other")
        #expect(result.outputText == "1\n644\n" && result.errorText.contains("'copy' has other names"))
    }

    @Test(arguments: [
        ("simple", "f", "f~"), ("existing", "f", "f~"), ("existing", "g", "g.~4~"), ("numbered", "f", "f.~1~"),
    ])
    func backupsAreNumbered(_ control: String, _ name: String, _ backup: String) throws {
        try TreeBuilder.build(at: scratch / "names") { tree in
            for name in ["g.~3~", "g.~03~", "g.~x~", "g.~10", "g.~~"] as [ByteString] { try tree.file(name) }
        }
        let directory = try Directory.current.openDirectory(Name(Path((scratch / "names").bytes)), [])
        let controls: [String: Backup.Control] = ["simple": .simple, "existing": .existing, "numbered": .numbered]
        let control = try #require(controls[control])
        #expect(try Backup(control).name(for: Name(name), in: directory) == Name(backup))
    }

    @Test(arguments: [("", "~"), ("a/b", "~"), (".old", ".old")])
    func suffixesNameNoDirectory(_ given: String, _ taken: String) {
        #expect(Backup(.simple, suffix: Path(given)).suffix == Path(taken))
    }

    @Test func debugSaysHow() throws {
        let result = try shell("\"$1\" --debug --reflink=never source new")
        #expect(
            result.outputText
                == "'source' -> 'new'\ncopy offload: avoided, reflink: no, sparse detection: no\n")
    }

    /// Ten thousand links, one by one and in a tree: no more memory than for a few.
    @Test(arguments: ["-RTl many new", "-l many/* new", "-RTlv many new", "-aTl many new"])
    func memoryStaysFlat(_ words: String) throws {
        try TreeBuilder.build(at: scratch / "tree") { tree in
            try tree.directory("new")
            for number in 0..<10_000 { try tree.file(ByteString("many/file-number-\(number)")) }
        }
        let result = try shell(ByteString("exec -a cp \"$2\" \(words) >said"))
        #expect(result.status == 0, "\(result.errorText)")
        #expect(result.peakMemory.atLeast < 32 << 20)
        #expect(try shell("ls new | wc -l").outputText == "10000\n")
    }

    /// Two sources for two names of one file: the file has what one of them has.
    @Test(arguments: ["ln d/x d/y", "ln -s x d/y"]) func oneFileIsWrittenByOne(_ link: String) throws {
        let script = """
            mkdir a d; head -c 20M /dev/zero | tr '\\0' a >a/x; head -c 20M /dev/zero | tr '\\0' b >a/y; echo >d/x; \(link)
            for i in 1 2 3 4 5; do "$1" a/x a/y d; cmp d/x a/x || cmp d/x a/y || echo mixed; done
            """
        #expect(try !shell(ByteString(script)).outputText.contains("mixed"))
    }

    /// More digits than a number has are counted on with.
    @Test func backupsCountBeyondAnyNumber() throws {
        let script: ByteString = "touch 'copy.~9223372036854775807~'; \"$1\" --backup=numbered source copy; ls *8~"
        #expect(try shell(script).outputText == "copy.~9223372036854775808~\n")
    }

    /// Whatever else is asked for, repot removes nothing for a source that it cannot read.
    @Test(arguments: ["-r", "-rv", "-ru", "-rb"]) func unreadableSourcesRemoveNothing(_ options: String) throws {
        let script = """
            mkdir s d; echo s >s/f; echo s >s/l; chmod 0 s/*; echo d >d/f; ln d/f d/g; ln -s f d/l; chown -R 65534 s d
            install -m 755 "$2" r; chmod 755 ..; setpriv --reuid 65534 --clear-groups ./r cp \(options) s/. d; ls d
            """
        #expect(try shell(ByteString(script)).outputText == "f\ng\nl\n")
    }

    /// Deeper than there are descriptors, in the order of cp.
    @Test func deepTreesInOrder() throws {
        let script: ByteString = """
            p=s; mkdir s; for i in {1..300}; do touch $p/z; p=$p/d; mkdir $p; done
            ulimit -n 256; "$1" -rv s new | wc -l; exit ${PIPESTATUS[0]}
            """
        let result = try shell(script)
        #expect(result.status == 0 && result.outputText == "601\n", "\(result.errorText)")
    }

    /// A folder that may be written to and not listed.
    @Test func dropBoxesTakeFiles() throws {
        let script: ByteString = """
            mkdir box; chmod 333 box; install -m 755 "$2" cp; chmod 755 .. .; chmod 644 source
            setpriv --reuid 65534 --clear-groups ./cp source box/; echo $?; cat box/source
            """
        #expect(try shell(script).outputText == "0\nnew\n")
    }

    @Test func suffixesAreBytes() throws {
        #expect(try shell("\"$1\" -S $'\\xff' source copy; ls -d copy$'\\xff' | wc -l").outputText == "1\n")
    }

    /// Where the destination has no attributes, what GNU cp says of it, or does not, and what it leaves.
    @Test(arguments: ["-a", "-R", "-Rp", "-R --preserve=all", "-R --preserve=xattr", "-R --preserve=mode", "-d"])
    func destinationsWithoutAttributes(_ options: String) throws {
        let script = """
            mkdir s m; echo s >s/f; setfattr -n user.a -v 1 s/f; echo s >s/g; setfacl -m u:7:r s/g; mount -t ramfs none m
            for cp in /bin/cp "$1"; do LC_ALL=C bash -c 'exec -a cp "$@"' bash $cp \(options) s/. m; echo $?; ls m; rm -rf m/*; done
            umount m
            """
        let result = try shell(ByteString(script))
        #expect(!result.outputText.isEmpty)
        for text in [result.outputText, result.errorText] {
            let lines = text.split(separator: "\n")
            #expect(lines.count.isMultiple(of: 2), "\(text)")
            #expect(lines.prefix(lines.count / 2).sorted() == lines.suffix(lines.count / 2).sorted())
        }
    }
}
