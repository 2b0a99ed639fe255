import TestSupport
import Testing

/// `repot image -o docker-daemon:` with a client that cannot answer all queries.
@Suite struct DockerDaemonTests {
    private let scratch: Scratch

    /// A client that fails for the query `$FAIL`, stores the archive that it loads, and lists the image in that
    /// archive.
    private static let client = """
        #!/bin/sh
        case "$1 $2" in
          version*) query=version ;; info*) query=info ;; *ls) query=ls ;; *inspect) query=inspect ;; *) query=load ;;
        esac
        if test "$query" = "$FAIL"; then echo "Error: template: can't evaluate field" >&2; exit 125; fi
        case $query in
          info) echo "$DRIVER" ;;
          ls) echo sha256:one ;;
          inspect)
            config=$(tar -xOf loaded.tar manifest.json | grep -o '"Config":"[^"]*' | cut -d '"' -f 4)
            tar -xOf loaded.tar "$config" | grep -o '"diff_ids":[^]]*]' | cut -d : -f 2- ;;
          load) cat >loaded.new && mv loaded.new loaded.tar ;;
        esac
        """

    init() throws {
        scratch = try Scratch()
        try TreeBuilder.build(at: scratch.path) { tree in
            try tree.addSmallStore()
            try tree.directory("cache")
            try tree.file("bin/docker", .text(Self.client), Attributes(mode: 0o755))
        }
    }

    private func load(
        failing query: ByteString, driver: ByteString = "[]", path: ByteString? = nil
    ) throws -> CommandResult {
        var environment = Command.inheritedEnvironment
        environment["PATH"] = path ?? scratch / "bin:" + (environment["PATH"] ?? "/usr/bin:/bin")
        (environment["FAIL"], environment["DRIVER"]) = (query, driver)
        // The cache has the digest of a layer before the layer is written, so that an existing layer is not written.
        environment["XDG_CACHE_HOME"] = scratch / "cache"
        return try Repot.run(
            ["image", "-q", "--store-root", "s", "--closure", "list", "-o", "docker-daemon:app:1"],
            directory: scratch.path, environment: environment)
    }

    /// The number of layers that the archive's manifest lists and the archive does not have.
    private func missingLayers() throws -> Int {
        let script: ByteString = """
            cd "$1"; tar -tf loaded.tar | sort >names
            tar -xOf loaded.tar manifest.json | grep -o '"Layers":[^]]*' | grep -o '[a-z0-9/]*[a-f0-9]\\{64\\}[a-z./]*' |
              sort | comm -23 - names | wc -l
            """
        return Int(try Command.succeed(["bash", "-euc", script, "bash", scratch.path]).outputText.dropLast()) ?? -1
    }

    @Test("docker-daemon sends the layers that the daemon does not list, and all layers if a query fails")
    func sendsAllWithoutAnAnswer() throws {
        let rows: [(query: ByteString, driver: ByteString, missing: Int)] = [
            ("info", "[]", 0), ("none", "[]", 1), ("info", "[]", 0), ("ls", "[]", 0), ("inspect", "[]", 0),
            ("none", "[[\"driver-type\",\"io.containerd.snapshotter.v1\"]]", 0),
        ]
        for row in rows {
            let result = try load(failing: row.query, driver: row.driver)
            #expect(result.status == 0 && result.errorText == "", "\(row): \(result.errorText)")
            #expect(try missingLayers() == row.missing, "\(row)")
        }
    }

    @Test("docker-daemon reports a client that is missing, or that reaches no daemon, before it writes layers")
    func reportsAMissingDaemon() throws {
        let dead = try load(failing: "version")
        #expect(dead.status == 1 && dead.errorText.contains("Is its daemon running"), "\(dead.errorText)")
        let failed = try load(failing: "load")
        #expect(failed.status == 1 && failed.errorText.contains("'docker load' failed"), "\(failed.errorText)")
        let absent = try load(failing: "none", path: scratch / "s")
        #expect(absent.status == 1 && absent.errorText.contains("docker-archive:FILE"), "\(absent.errorText)")
    }
}
