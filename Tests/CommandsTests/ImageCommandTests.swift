import TestSupport
import Testing

/// `repot image` on the command line: what it refuses, and what its options come to.
@Suite struct ImageCommandTests {
    private let scratch: Scratch
    private static let name = "00000000000000000000000000000000-it"

    init() throws {
        scratch = try Scratch()
        try TreeBuilder.build(at: scratch.path) { tree in
            let elf: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1] + [UInt8](repeating: 0, count: 12) + [183, 0]
            try tree.file("root/nix/store/\(ByteString(Self.name))/libexec/program", .bytes(elf))
            try tree.symbolicLink("root/nix/store/\(ByteString(Self.name))/bin/program", to: "../libexec/program")
            try tree.file(
                "root/nix/store/\(ByteString(Self.name))/bin/script",
                .text("#! /nix/store/\(Self.name)/bin/program -x\n"))
            try tree.file("closure", .text("/nix/store/\(Self.name)\n"))
        }
    }

    private func run(_ arguments: [String], environment: [ByteString: ByteString] = [:]) throws -> CommandResult {
        let base = Command.inheritedEnvironment.merging(environment) { _, new in new }
        return try Repot.run(
            ["image", "--no-cache", "--store-root", scratch / "root", "--closure", scratch / "closure"]
                + arguments.map { ByteString($0) }, directory: scratch.path, environment: base)
    }

    /// The configuration of the only image in `layout`.
    private func configuration(_ arguments: [String], environment: [ByteString: ByteString] = [:]) throws -> String {
        let result = try run(["-q", "-o", "oci:layout"] + arguments, environment: environment)
        #expect(result.status == 0, "\(result.errorText)")
        return try Command.succeed([
            "sh", "-c", "cat \"$1\"/layout/blobs/sha256/* | grep -a -o '{\"created\".*'", "sh", scratch.path,
        ])
        .outputText
    }

    @Test(
        arguments: [
            (["-o", "oci"], "--output takes oci:DIR[:TAG]"), (["-o", "docker-daemon:A:b"], "--output takes"),
            (["-o", "docker-archive:a.tar", "--compression", "zstd"], "'docker load' takes no zstd before Docker 23"),
            (["-o", "oci:a", "--base", "docker-daemon:a:b"], "--base takes oci:DIR[:TAG]"),
            (["-o", "oci:a", "--previous", "a"], "--previous takes oci:DIR[:TAG]"),
            (["-o", "oci:a", "--created", "yesterday"], "--created takes now, a time such as"),
            (["-o", "oci:a", "--arch", "x86_64"], "--arch takes one of 386, amd64"),
            (["-o", "oci:a", "--volume", "data"], "--volume takes an absolute path"),
            (["-o", "oci:a", "--stop-signal", "SIGNOTHING"], "--stop-signal takes a name such as SIGTERM"),
            (["-o", "oci:a", "--stop-signal", "0"], "--stop-signal takes"),
            (["-o", "oci:a", "--config", "nowhere"], "--config: cannot read 'nowhere'"),
            (["-o", "oci:a", "--config", "closure"], "line 1: a value is expected"),
        ])
    func wrongUsageIs64(_ arguments: [String], _ why: String) throws {
        let result = try run(arguments)
        #expect(result.status == 64 && result.errorText.contains(why), "\(result.errorText)")
    }

    @Test(
        arguments: [
            ("[]", "it is no object"), (#"{"config":[]}"#, "'config' is no object"),
            (#"{"Entrypoint":"a"}"#, "'Entrypoint' has to be a list of texts"),
            (#"{"Env":["a"]}"#, "'Env' has to hold NAME=VALUE"),
            (#"{"User":1}"#, "'User' has to be a text"),
            (#"{"Labels":{"a":1}}"#, "'Labels' has to be an object of texts"),
            (#"{"Volumes":["/a"]}"#, "'Volumes' has to be an object such as"),
            (#"{"entrypoint":["a"]}"#, "has to be written 'Entrypoint'"),
            (#"{"architecture":"x86","config":{}}"#, "'architecture' has to be one of"),
            (#"{"os":"windows"}"#, "'os' has to be"),
            (#"{"created":"1"}"#, nil), (#"{"created":"x"}"#, "'created' has to be a time"), (#"{"Cmd":null}"#, nil),
        ] as [(String, String?)])
    func configurationsAreChecked(_ text: String, _ why: String?) throws {
        try TreeBuilder.build(at: scratch.path) { try $0.file("config", .text(text)) }
        let result = try run(["-q", "-o", "oci:a", "--config", "config"])
        #expect(result.status == (why == nil ? 0 : 64) && result.errorText.contains(why ?? ""), "\(result.errorText)")
    }

    /// The command line before the file, and that before the environment.
    @Test func timesHaveAnOrder() throws {
        try TreeBuilder.build(at: scratch.path) { try $0.file("config", .text(#"{"created":"2001-01-01T00:00:00Z"}"#)) }
        let epoch: [ByteString: ByteString] = ["SOURCE_DATE_EPOCH": "86400"]
        #expect(try configuration([]).hasPrefix(#"{"created":"1970-01-01T00:00:01Z""#))
        let rest =
            [
                (epoch, [], "1970-01-02T00:00:00Z"), (epoch, ["--config", "config"], "2001-01-01T00:00:00Z"),
                (epoch, ["--config", "config", "--created", "2"], "1970-01-01T00:00:02Z"),
                (["SOURCE_DATE_EPOCH": ""], [], "1970-01-01T00:00:01Z"),
            ] as [([ByteString: ByteString], [String], String)]
        for (environment, arguments, time) in rest {
            try Command.succeed(["rm", "-rf", scratch / "layout"])
            let made = try configuration(arguments, environment: environment)
            #expect(made.hasPrefix("{\"created\":\"\(time)\""), "\(made)")
        }
        let wrong = try run(["-o", "oci:a"], environment: ["SOURCE_DATE_EPOCH": "today"])
        #expect(wrong.status == 64 && wrong.errorText.contains("SOURCE_DATE_EPOCH holds seconds since 1970"))
    }

    /// Through a symlink, and a script's interpreter; otherwise from the first program in bin.
    @Test(
        arguments: [
            ([], "arm64"), (["--entrypoint", "/nix/store/\(name)/bin/program"], "arm64"),
            (["--cmd", "/nix/store/\(name)/bin/script"], "arm64"), (["--arch", "s390x"], "s390x"),
        ])
    func architectureIsThePrograms(_ arguments: [String], _ architecture: String) throws {
        #expect(try configuration(arguments).contains("\"architecture\":\"\(architecture)\",\"os\":\"linux\""))
    }

    @Test func basesAreForTheSamePlatform() throws {
        #expect(try run(["-q", "-o", "oci:base", "--arch", "amd64"]).status == 0)
        let result = try run(["-o", "oci:top", "--base", "oci:base"])
        #expect(result.status == 64 && result.errorText.contains("is for linux/amd64, and the image for linux/arm64"))
    }

    /// Archives say the same whatever the umask, and leave nothing else behind.
    @Test(arguments: ["oci-archive", "docker-archive"])
    func archivesAreWhole(_ kind: String) throws {
        #expect(try run(["-q", "-o", "\(kind):one.tar"]).status == 0)
        let script: ByteString = "cd \"$1\" && shift && umask 077 && \"$@\""
        let arguments: [ByteString] = ["-q", "-o", ByteString("\(kind):two.tar")]
        try Command.succeed(
            [
                "sh", "-c", script, "sh", scratch.path, Repot.path, "image", "--no-cache", "--store-root", "root",
                "--closure", "closure",
            ]
                + arguments)
        let stream = try run(["-q", "-o", "\(kind):-"], environment: ["TMPDIR": scratch.path])
        try TreeBuilder.build(at: scratch.path) { try $0.file("three.tar", .bytes(stream.output)) }
        let sums = try Command.succeed([
            "sh", "-c", "cd \"$1\" && cmp one.tar two.tar && cmp one.tar three.tar && ls -A", "sh", scratch.path,
        ])
        #expect(sums.outputText == "closure\none.tar\nroot\nthree.tar\ntwo.tar\n")
    }

    /// A disk that is full, and a folder that takes nothing.
    @Test func failuresLeaveNothing() throws {
        let result = try run(["-o", "oci-archive:/dev/full"], environment: ["TMPDIR": scratch.path])
        #expect(result.status == 1 && result.errorText.contains("No space left on device"), "\(result.errorText)")
        let nowhere = try run(["-o", "oci-archive:nowhere/a.tar"])
        #expect(nowhere.status == 1 && nowhere.errorText.contains("'nowhere'"), "\(nowhere.errorText)")
        #expect(try Command.succeed(["ls", "-A", scratch.path]).outputText == "closure\nroot\n")
    }
}
