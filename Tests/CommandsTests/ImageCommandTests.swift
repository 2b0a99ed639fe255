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
            (["-o", "oci:a", "--dry-run", "--json"], "--dry-run names the layers"),
            (["-o", "oci-archive:a", "--sbom", "spdx", "--sbom-file", "a"], "is a file that is read or written"),
            (["-o", "oci:a", "--sbom", "spdx", "--sbom-file", "closure"], "is a file that is read or written"),
            (["-o", "oci:a", "--sbom", "spdx", "--sbom-file", ""], "--sbom-file needs a file's name"),
            (["-o", "oci"], "--output takes oci:DIR[:TAG]"), (["-o", "docker-daemon:A:b"], "--output takes"),
            (["-o", "docker-archive:a.tar", "--compression", "zstd"], "'docker load' takes no zstd before Docker 23"),
            (["-o", "oci:a", "--base", "docker-daemon:a:b"], "--base takes oci:DIR[:TAG]"),
            (["-o", "oci:a", "--previous", "a"], "--previous takes oci:DIR[:TAG]"),
            (["-o", "oci:a", "--created", "yesterday"], "--created takes now, a time such as"),
            (["-o", "oci:a", "--arch", "x86_64"], "--arch takes one of 386, amd64"),
            (["-o", "oci:a", "--arch", "arm/"], "alone or with a variant as in arm/v7, not 'arm/'"),
            (["-o", "oci:a", "--entrypoint", #"["a\u0000"]"#], "a JSON array of strings without NUL"),
            (["-o", "oci:a", "--volume", "data"], "--volume takes an absolute path"),
            (["-o", "oci:a", "--stop-signal", "SIGNOTHING"], "--stop-signal takes a name such as SIGTERM"),
            (["-o", "oci:a", "--stop-signal", "0"], "--stop-signal takes"),
            (["-o", "oci:a", "--stop-signal", "+9"], "--stop-signal takes"),
            (["-o", "oci:a", "--stop-signal", "SIGRTMIN++1"], "--stop-signal takes"),
            (["-o", "oci:a", "--expose", "+80"], "with /tcp, /udp or /sctp or without, not '+80'"),
            (["-o", "oci:a", "--expose", "080"], "--expose takes"),
            (["-o", "oci:a", "--workdir", "foo"], "--workdir takes an absolute path, not 'foo'"),
            (["-o", "oci:a", "--user", "a:b:c"], "--user takes USER[:GROUP]"),
            (["-o", "oci:a", "--user", " x"], "--user takes"), (["-o", "oci:a", "--user", "x:"], "--user takes"),
            (["-o", "oci:a:/b"], "what follows the first colon is the image's name"),
            (["-o", "oci:a", "--base", "oci:a:b:/c"], "what follows the first colon is the image's name"),
            (["-o", "docker-archive:-", "--sbom", "spdx", "--sbom-file", "-"], "cannot go where the image goes"),
            (["-o", "oci:a", "--json", "--sbom", "spdx", "--sbom-file", "/dev/stdout"], "cannot go where the report"),
            (["-o", "oci:a", "--config", "-", "--closure", "-"], "standard input is read once"),
            (["-o", "oci:a", "--owner", "me"], "--owner takes UID:GID"),
            (["-o", "oci:a", "--max-layers", "128"], "--max-layers takes a number from 1 to 127"),
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
            (#"{"Entrypoint":["a\u0000b"]}"#, "'Entrypoint' has a NUL character"),
            (#"{"Env":["A=\u0000b"]}"#, "'Env' has a NUL character"),
            (#"{"Labels":{"a\u0000":"b"}}"#, "'Labels' has a NUL character"),
            (#"{"config":{"Healthcheck":{"Test":["\u0000"]}}}"#, "'Healthcheck.Test' has a NUL character"),
            (#"{"Labels":{"a":1}}"#, "'Labels' has to be an object of texts"),
            (#"{"Volumes":["/a"]}"#, "'Volumes' has to be an object such as"),
            (#"{"entrypoint":["a"]}"#, "has to be written 'Entrypoint'"),
            (#"{"architecture":"x86","config":{}}"#, "'architecture' has to be one of"),
            (#"{"os":"windows"}"#, "'os' has to be"),
            (#"{"created":"1"}"#, nil), (#"{"created":"x"}"#, "'created' has to be a time"), (#"{"Cmd":null}"#, nil),
            (#"{"config":null}"#, nil), (#"{"author":null,"config":{"X":5}}"#, nil),
            (#"{"author":5}"#, "--config 'config': 'author' has to be a text"),
            (#"{"variant":7}"#, "'variant' has to be a text"), (#"{"rootfs":1}"#, "'rootfs' is no object"),
            (#"{"history":{}}"#, "'history' has to be a list"),
            (#"{"Healthcheck":5}"#, "'Healthcheck' has to be an object"),
            (#"{"Healthcheck":{"Interval":"1s"}}"#, "'Healthcheck.Interval' has to be a whole number"),
            (#"{"Healthcheck":{"Test":["NONE"],"Retries":3}}"#, nil),
            (#"{"Volumes":{"/x":5}}"#, "'Volumes' has to be an object such as"),
            (#"{"Volumes":{"x":{}}}"#, "'Volumes' has to hold an absolute path, not 'x'"),
            (#"{"StopTimeout":"x"}"#, "'StopTimeout' has to be a whole number"),
            (#"{"WorkingDir":"rel"}"#, "'WorkingDir' has to be an absolute path, not 'rel'"),
            (#"{"WorkingDir":"","User":"","StopSignal":""}"#, nil),
            (#"{"StopSignal":"NOSUCH"}"#, "'StopSignal' has to be a name such as SIGTERM"),
            (#"{"ExposedPorts":{"abc":{}}}"#, "'ExposedPorts' has to hold a number from 1 to 65535"),
            (#"{"ExposedPorts":{"80/sctp":{},"81":{}}}"#, nil), (#"{"User":"a:b:c"}"#, "'User' has to be USER[:GROUP]"),
            (#"{"Tty":1}"#, "'Tty' has to be true or false"), (#"{"Mine":[1]}"#, nil),
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

    @Test("the variant is that of --arch, of --config or of the base, and is in the configuration and in the index")
    func variantsAreStated() throws {
        try TreeBuilder.build(at: scratch.path) { try $0.file("v7", .text(#"{"architecture":"arm","variant":"v7"}"#)) }
        func stated(_ arguments: [String]) throws -> String {
            try Command.succeed(["rm", "-rf", scratch / "layout"])
            let configured = try configuration(arguments)
            let index = try files("cat layout/index.json")
            let isSame = configured.contains("\"variant\":\"v7\"") == index.contains(#""os":"linux","variant":"v7"}"#)
            return isSame ? (index.contains("variant") ? "v7" : "") : "\(configured) \(index)"
        }
        #expect(try stated(["--arch", "arm"]) == "")
        #expect(try stated(["--arch", "arm/v7"]) == "v7")
        #expect(try stated(["--arch", "arm/7"]) == "v7")
        #expect(try stated(["--config", "v7"]) == "v7")
        #expect(try stated(["--config", "v7", "--arch", "arm64"]) == "")
        #expect(try run(["-q", "-o", "oci:base", "--arch", "arm/v7"]).status == 0)
        #expect(try stated(["--base", "oci:base", "--arch", "arm"]) == "v7")
        #expect(try run(["-q", "-o", "oci:new", "--arch", "amd64/v3"]).status == 0)
        let inherited = try run(["-o", "oci:top", "--base", "oci:new", "--arch", "amd64"])
        #expect(inherited.errorText.contains("warning: the base is for linux/amd64/v3, and so is the image"))
        let other = try run(["-o", "oci:top", "--base", "oci:base", "--arch", "arm/v6"])
        #expect(other.status == 64 && other.errorText.contains("is for linux/arm/v7, and the image for linux/arm/v6"))
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

    @discardableResult
    private func files(_ script: String) throws -> String {
        try Command.succeed(["sh", "-c", ByteString("cd \"$1\" && \(script)"), "sh", scratch.path]).outputText
    }

    @Test func configurationsMayBeStandardInput() throws {
        let script = """
            echo '{"Cmd":["from-input"]}' | "$0" image -q --no-cache --store-root root --closure closure \
                --config - -o oci:layout && grep -c from-input layout/blobs/sha256/* | grep -c :1
            """
        let result = try Command.run(["sh", "-c", ByteString(script), Repot.path], directory: scratch.path)
        #expect(result.status == 0 && result.outputText == "1\n", "\(result.errorText)")
    }

    /// Written as archives are: only a regular file or a free name gets another file.
    @Test func billsRespectWhatIsThere() throws {
        try TreeBuilder.build(at: scratch.path) { tree in
            try tree.file("real", .text("old"))
            try tree.symbolicLink("link", to: "real")
        }
        let bill = ["-q", "-o", "oci:layout", "--sbom", "spdx", "--sbom-file"]
        #expect(try run(bill + ["link"]).status == 0)
        #expect(try files("readlink link; grep -c SPDX-2.3 real") == "real\n1\n")
        let printed = try run(bill + ["-"])
        #expect(printed.outputText.contains("SPDX-2.3") && printed.status == 0)
        #expect(try run(bill + ["/dev/stdout"]).outputText == printed.outputText)
        let waiting = try files(
            "mkfifo pipe; cat pipe >got & '\(Repot.path)' image --no-cache --store-root root --closure closure "
                + "\(bill.joined(separator: " ")) pipe; wait; test -p pipe; cmp got real; ls")
        #expect(waiting == "closure\ngot\nlayout\nlink\npipe\nreal\nroot\n")
        #expect(try run(bill + ["/dev/full"]).errorText.contains("error writing '/dev/full'"))
    }

    /// Another closure, of small store paths that do not refer to each other.
    private func makeClosure(_ numbers: Range<Int>) throws {
        let names = numbers.map { "00000000000000000000000000000\($0)-p" }
        try Command.succeed(["rm", scratch / "closure"])
        try TreeBuilder.build(at: scratch.path) { tree in
            for name in names { try tree.file("root/nix/store/\(ByteString(name))/a/b/c", .text(name)) }
            try tree.file("closure", .text(names.map { "/nix/store/\($0)\n" }.joined()))
        }
    }

    private func layers(_ arguments: [String]) throws -> [String] {
        let result = try run(["--dry-run"] + arguments)
        #expect(result.status == 0, "\(result.errorText)")
        return result.outputText.split(separator: "\n").map(String.init)
    }

    /// Two hundred small store paths, each in a layer of its own: as many as the reader takes.
    @Test func layersAreAsManyAsTheReaderTakes() throws {
        try makeClosure(100..<300)
        let all = ["--layers", "path", "--max-layers", "127"]
        #expect(try layers(all + ["-o", "oci:layout"]).count == 127)
        #expect(try layers(all + ["-o", "oci-archive:a"]).count == 127)
        #expect(try layers(all + ["-o", "docker-archive:a"]).count == 125)
        #expect(try layers(all + ["-o", "docker-archive:a", "--skeleton"]).count == 125)
        #expect(try layers(["--layers", "path", "-o", "docker-archive:a"]).count == 100)
        #expect(try run(["-q", "-o", "oci:base", "--layers", "path", "--max-layers", "3"]).status == 0)
        #expect(try files("ls") == "base\nclosure\nroot\n")
        let crowded = try run(["-o", "oci:layout", "--pin", "^p$", "--dry-run"])
        #expect(crowded.errorText.contains("101 pinned store paths without a layer of its own"), "\(crowded.errorText)")
    }

    @Test("--max-layers is the maximum of all layers that an image adds, entries outside the store included")
    func maxLayersBoundsAllLayers() throws {
        try makeClosure(100..<120)
        let each = ["--layers", "path", "-o", "oci:layout"]
        #expect(try layers(each + ["--max-layers", "5"]).count == 5)
        #expect(try layers(each + ["--max-layers", "5", "--skeleton"]).count == 5)
        #expect(try layers(each + ["--max-layers", "2", "--skeleton"]).count == 2)
        let refused = try run(each + ["--max-layers", "1", "--skeleton"])
        #expect(refused.status == 64 && refused.errorText.contains("use --max-layers 2"), "\(refused.errorText)")
        #expect(try run(["-q", "-o", "oci:base"]).status == 0)
        #expect(try layers(each + ["--base", "oci:base", "--max-layers", "1", "--skeleton"]).count == 1)
        // A store path of this base differs: one layer removes it, and another one adds it.
        let path = "nix/store/00000000000000000000000000000100-p"
        try TreeBuilder.build(at: scratch.path) { try $0.file("base.txt", .text("f 644 0:0 1 \(path)/x y")) }
        try files("python3 '\(LayerScript.path)' save base.tar <base.txt")
        let altered = ["--base", "docker-archive:base.tar", "--arch", "amd64", "--max-layers"]
        #expect(try layers(each + altered + ["3"]).count == 3)
        #expect(try run(each + altered + ["1"]).errorText.contains("use --max-layers 2"))
    }

    /// An image that is there is no base for another grouping than its own.
    @Test func groupingIsWhatIsAskedFor() throws {
        try makeClosure(100..<102)
        let place = ["-o", "oci:layout"]
        #expect(try run(["-q", "--layers", "single"] + place).status == 0)
        #expect(try layers(["--layers", "single"] + place).count == 1)
        #expect(try layers(["--layers", "path"] + place).count == 2)
        #expect(try layers(place).count == 2)
        #expect(try run(["-q", "--min-layer", "0"] + place).status == 0)
        #expect(try layers(["--min-layer", "0", "--layers", "cohort"] + place).count == 2)
        #expect(try layers(["--layers", "path", "--previous", "none"] + place).count == 2)
        #expect(try run(["-q", "--layers", "path", "-o", "oci:path"]).status == 0)
        #expect(try layers(["--layers", "path", "--max-layers", "1"] + place).count == 1)
    }

    @Test func dryRunsWriteNothing() throws {
        let cached = ["image", "--store-root", scratch / "root", "--closure", scratch / "closure", "-o", "oci:layout"]
        try Command.succeed(["mkdir", scratch / "cache"])
        let home = Command.inheritedEnvironment.merging(["XDG_CACHE_HOME": scratch / "cache"]) { _, new in new }
        let dry = try Repot.run(cached + ["--dry-run"], directory: scratch.path, environment: home)
        #expect(dry.outputText.hasPrefix("written ") && dry.outputText.hasSuffix(": \(Self.name)\n"))
        #expect(try files("ls && ls cache") == "cache\nclosure\nroot\n")
        let verbose = try Repot.run(cached + ["-qv"], directory: scratch.path, environment: home)
        #expect(verbose.errorText.hasPrefix("written sha256:") && verbose.errorText.contains(Self.name))
        let again = try Repot.run(cached + ["--dry-run"], directory: scratch.path, environment: home)
        #expect(again.outputText.hasPrefix("there   "))
    }

    /// The report has the sum of all layers, and commands are such that a shell takes them.
    @Test func reportsAgree() throws {
        #expect(try run(["-q", "-o", "oci:base"]).status == 0)
        let result = try run(["--json", "-o", "oci:my layout:a/b:c", "--base", "oci:base", "--env", "A=1"])
        let size = try #require(try result.outputText.firstMatch(of: Regex("\"size\":([0-9]+),\"pushBytes\"")))
        let base = try #require(try result.outputText.firstMatch(of: Regex("\"baseLayers\":.*\"size\":([0-9]+)")))
        #expect(size.output[1].substring == base.output[1].substring)
        let told = try run(["-o", "oci:my layout:a/b:c"]).errorText
        #expect(told.contains("skopeo copy 'oci:my layout:a/b:c' docker://REGISTRY/NAME:TAG"), "\(told)")
        #expect(told.contains("--build-context 'base=oci-layout://my layout@sha256:"), "\(told)")
        #expect(
            try run(["-o", "oci:plain:v1"]).errorText.contains("skopeo copy oci:plain:v1 docker://REGISTRY/NAME:v1"))
    }

    @Test func errorsHaveRemedies() throws {
        let nowhere = try run(["-o", "oci:nope/deep:t"])
        #expect(nowhere.status == 1 && nowhere.errorText.contains("there is no folder 'nope'; make it first"))
        let inFile = try run(["-o", "oci:closure/deep"])
        #expect(inFile.status == 1 && inFile.errorText.contains("there is no folder 'closure'; make it first"))
        let archive = try run(["-o", "oci-archive:closure/a.tar"])
        #expect(archive.status == 1 && archive.errorText.contains("there is no folder 'closure'; make it first"))
        let file = try run(["-o", "oci:closure"])
        #expect(file.status == 1 && file.errorText.contains("'closure' is no folder: name one"), "\(file.errorText)")
    }

    @Test func membersAreAsTarHasThem() throws {
        #expect(try run(["-q", "-o", "oci:layout", "--owner", "5:6", "--mtime", "7"]).status == 0)
        let listing = try files(
            "for blob in layout/blobs/sha256/*; do tar -tvf $blob 2>/dev/null; done | grep /bin/script")
        #expect(listing.contains(" 5/6 ") && listing.contains("1970-01-01"), "\(listing)")
    }

    /// Many layers, and then as many blobs in an archive, in the hands of eight workers.
    @Test(arguments: ["oci:layout", "oci-archive:a.tar"]) func fewDescriptorsAreEnough(_ place: ByteString) throws {
        try makeClosure(100..<180)
        let script: ByteString = """
            ulimit -n 40; exec "$0" image -q -j 8 --no-cache --store-root root --closure closure --layers path -o "$1"
            """
        let result = try Command.run(["sh", "-c", script, Repot.path, place], directory: scratch.path)
        #expect(result.status == 0, "\(result.errorText)")
    }
}
