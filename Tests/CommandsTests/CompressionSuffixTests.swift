import TestSupport
import Testing

/// Archives whose suffixes select the compression.
@Suite struct CompressionSuffixTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        try TreeBuilder.build(at: scratch.path) { try $0.addSmallStore() }
    }

    private func run(_ command: ByteString, _ arguments: [ByteString]) throws -> CommandResult {
        let cache: [ByteString] = command == "image" ? ["--cache", "none"] : []
        return try Repot.run(
            [command, "-q", "--store-root", "s", "--closure", "list"] + cache + arguments, directory: scratch.path)
    }

    private static let commands: [(ByteString, prefix: ByteString)] = [
        ("tar", ""), ("image", "oci-archive:"), ("image", "docker-archive:"),
    ]

    /// A name and the program that decompresses the file.
    private static let names: [(ByteString, program: ByteString)] = [
        ("x.tar.gz", "gzip"), ("x.tgz", "gzip"), ("x.tar.zst", "zstd"), ("x.tzst", "zstd"), ("x.tar", "cat"),
        ("x.gz.tar", "cat"), ("gz", "cat"),
    ]

    @Test("an archive is compressed as its name says, and its content is that of an uncompressed one", arguments: names)
    func isCompressed(_ name: ByteString, _ program: ByteString) throws {
        for (command, prefix) in Self.commands where prefix != "docker-archive:" || program != "zstd" {
            try #require(try run(command, ["-o", prefix + "plain"]).status == 0)
            let result = try run(command, ["-o", prefix + name])
            #expect(result.status == 0, "\(result.errorText)")
            // Only an uncompressed image archive has its blobs on block boundaries.
            let comparison: ByteString = """
                case "$1" in cat) cat <"$0" ;; *) $1 -dc <"$0" ;; esac >decompressed
                for file in plain decompressed; do
                  rm -rf $file.d; mkdir $file.d; tar -C $file.d -xf - <$file; tar -tf - <$file >$file.d/names
                done
                diff -r plain.d decompressed.d
                """
            try Command.succeed(["bash", "-ec", comparison, name, program], directory: scratch.path)
        }
    }

    @Test("an option that agrees with the name sets the level, and one that contradicts it is an error with both names")
    func agrees() throws {
        for (command, prefix) in Self.commands {
            #expect(try run(command, ["-o", prefix + "x.tar.gz", "--compression", "gzip:1"]).status == 0)
            for argument in ["zstd", "none", "zstd:3"] as [ByteString] {
                let result = try run(command, ["-o", prefix + "y.tar.gz", "--compression", argument])
                let message = "the name 'y.tar.gz' stands for gzip, and --compression \(argument) contradicts it"
                #expect(result.status == 64 && result.errorText.contains(message), "\(result.errorText)")
            }
        }
        #expect(try run("tar", ["-o", "y.tar.zst", "--compress", "gzip"]).status == 64)
        #expect(try run("tar", ["-o", "y.tar.gz", "--align"]).status == 64)
        for name in ["y.tar.xz", "y.tbz2", "y.tar.lz"] as [ByteString] {
            let result = try run("tar", ["-o", name])
            #expect(result.status == 64 && result.errorText.contains("a compression that repot does not write"))
        }
        #expect(try run("image", ["-o", "docker-archive:y.tar.zst"]).errorText.contains("Docker 23"))
        #expect(try Command.succeed(["ls", scratch.path]).outputText.contains("y.") == false)
    }

    @Test(
        "a compressed archive can be verified, and can be a base",
        arguments: ["oci-archive:", "docker-archive:"] as [ByteString], ["gzip", "zstd", "cat"] as [ByteString])
    func isRead(_ prefix: ByteString, _ program: ByteString) throws {
        try #require(try run("image", ["-o", prefix + "plain"]).status == 0)
        try Command.succeed(["sh", "-c", ByteString("\(program) <plain >x")], directory: scratch.path)
        let options: [ByteString] = ["verify", "-q", "--store-root", "s", "--closure", "list"]
        let result = try Repot.run(options + [prefix + "x"], directory: scratch.path)
        #expect(result.status == 0 && result.errorText == "", "\(result.errorText)")
        #expect(try run("image", ["--base", prefix + "x", "-o", "oci:top:t"]).status == 0)
        #expect(try Repot.run(options + ["oci:top:t"], directory: scratch.path).status == 0)
        let layers = try Command.succeed(
            ["bash", "-c", "grep -aoh '\"layers\":.*' top/blobs/sha256/* | grep -o sha256: | wc -l"],
            directory: scratch.path)
        #expect(layers.outputText == "1\n")
        if program == "cat" { return }
        try Command.succeed(
            ["sh", "-c", "printf x | dd of=x bs=1 seek=200 conv=notrunc status=none"], directory: scratch.path)
        #expect(try Repot.run(options + [prefix + "x"], directory: scratch.path).status == 1)
        var environment = Command.inheritedEnvironment
        environment["TMPDIR"] = "/proc"
        let noRoom = try Repot.run(options + [prefix + "x"], directory: scratch.path, environment: environment)
        #expect(noRoom.status == 1 && noRoom.errorText.contains("set TMPDIR"), "\(noRoom.errorText)")
    }
}
