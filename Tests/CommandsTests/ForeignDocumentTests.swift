import TestSupport
import Testing

/// Image layouts with documents and blobs that the specification allows and repot does not write.
@Suite struct ForeignDocumentTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        try TreeBuilder.build(at: scratch.path) { tree in
            try tree.addSmallStore()
            try tree.file("root/etc/x", .text("x\n"))
        }
    }

    /// An image layout that a script writes as `L`, with one image that has the tag `b`.
    struct Layout: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// The script has the functions `blob TYPE FILE [MEMBERS]`, which adds a blob and prints its descriptor, and
        /// `image TYPE FILE`, which adds an image with this layer, whose archive is `layer`.
        let script: ByteString

        init(_ name: String, _ script: ByteString) { (testDescription, self.script) = (name, script) }
    }

    static let functions: ByteString = """
        cd "$1"; oci=application/vnd.oci.image; mkdir -p L/blobs/sha256; tar -C root -cf layer etc
        printf '{"imageLayoutVersion":"1.0.0"}' >L/oci-layout
        blob() {
          digest=$(sha256sum <"$2" | cut -c 1-64)
          cp "$2" "L/blobs/sha256/$digest"
          printf '{"mediaType":"%s","digest":"sha256:%s","size":%d%s}' "$1" "$digest" "$(stat -c %s "$2")" "${3-}"
        }
        index() { printf '{"schemaVersion":2,"manifests":[%s]}' "$1" >L/index.json; }
        manifest() {
          printf '{"schemaVersion":2,"mediaType":"%s","config":%s,"layers":%s}' \
            $oci.manifest.v1+json "$(blob $oci.config.v1+json config)" "$1" >manifest
          index "$(blob $oci.manifest.v1+json manifest ',"annotations":{"org.opencontainers.image.ref.name":"b"}')"
        }
        image() {
          printf '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
            "$(sha256sum <layer | cut -c 1-64)" >config
          manifest "[$(blob "$1" "$2")]"
        }

        """

    @Test(
        "an image can be built on the image of another tool, and verify reports nothing about either",
        arguments: [
            Layout("a plain layer", "image $oci.layer.v1.tar layer"),
            Layout(
                "zstd data behind a skippable frame, as pzstd writes it",
                """
                printf '\\x50\\x2a\\x4d\\x18\\x04\\0\\0\\0size' >layer.zst; zstd -qc layer >>layer.zst
                image $oci.layer.v1.tar+zstd layer.zst
                """),
            Layout(
                "blobs that are symlinks, as Bazel and linkFarm write them",
                """
                image $oci.layer.v1.tar layer
                mv L/blobs/sha256 B; mkdir L/blobs/sha256; ln -s $PWD/B/* L/blobs/sha256/
                """),
            Layout("a non-distributable layer", "image $oci.layer.nondistributable.v1.tar layer"),
            Layout(
                "a compressed non-distributable layer",
                "gzip -cn layer >layer.gz; image $oci.layer.nondistributable.v1.tar+gzip layer.gz"),
            Layout(
                "a foreign layer of Docker's",
                "gzip -cn layer >layer.gz; image application/vnd.docker.image.rootfs.foreign.diff.tar.gzip layer.gz"),
            Layout(
                "sparse files of GNU tar, old form",
                """
                truncate -s 2M root/etc/x; tar -C root --format=gnu --sparse -cf layer etc
                image $oci.layer.v1.tar layer
                """),
            Layout(
                "sparse files of GNU tar, pax form",
                """
                truncate -s 2M root/etc/x; tar -C root --format=pax --sparse -cf layer etc
                image $oci.layer.v1.tar layer
                """),
            Layout(
                "null for empty lists and objects in a configuration, a manifest and an index",
                """
                printf '{"architecture":"amd64","os":"linux","author":null,"variant":null,"config":{"Env":null,
                  "Labels":null,"Volumes":null,"Cmd":null},"rootfs":{"type":"layers","diff_ids":null},"history":null}' >config
                manifest null
                sed -i 's/"layers":null/"layers":null,"annotations":null,"subject":null/' manifest
                index "$(blob $oci.manifest.v1+json manifest ',"artifactType":null,"platform":null,"annotations":{
                  "org.opencontainers.image.ref.name":"b","x":null}')"
                """),
        ])
    func isABase(_ layout: Layout) throws {
        try run(layout.script)
        let image = try repot(["image", "-q", "--no-cache", "--base", "oci:L:b", "-o", "oci:o:t"])
        #expect(image.status == 0 && image.errorText == "", "\(image.errorText)")
        #expect(try run("! grep -q null o/index.json && ! grep -aq null o/blobs/sha256/*").status == 0)
        for reference in ["oci:L:b", "oci:o:t"] as [ByteString] {
            let verification = try repot(["verify", reference])
            #expect(verification.status == 0, "\(reference): \(verification.errorText)")
        }
    }

    @Test("an image can be written into a layout whose index has null for its images, and verify accepts that layout")
    func isEmpty() throws {
        try run("printf '{\"schemaVersion\":2,\"manifests\":null,\"annotations\":null}' >L/index.json")
        #expect(try repot(["verify", "oci:L"]).status == 0)
        let image = try repot(["image", "-q", "--no-cache", "-o", "oci:L:t"])
        #expect(image.status == 0, "\(image.errorText)")
        #expect(try repot(["verify", "oci:L:t"]).status == 0)
    }

    @Test("a non-distributable layer of a base image keeps its type and its URLs")
    func keepsAddresses() throws {
        try run(
            """
            image $oci.layer.nondistributable.v1.tar layer
            sed -i 's|"layers":\\[{|&"urls":["https://example.com/layer"],|' manifest
            index "$(blob $oci.manifest.v1+json manifest ',"annotations":{"org.opencontainers.image.ref.name":"b"}')"
            """)
        #expect(try repot(["image", "-q", "--no-cache", "--base", "oci:L:b", "-o", "oci:o:t"]).status == 0)
        let layer = "grep -aho '\"mediaType\":\"[a-z./]*nondistributable[^}]*' o/blobs/sha256/*"
        #expect(try run(ByteString(layer)).outputText.contains("\"urls\":[\"https://example.com/layer\"]"))
    }

    @discardableResult
    private func run(_ script: ByteString) throws -> CommandResult {
        try Command.succeed(["bash", "-euc", Self.functions + script, "bash", scratch.path])
    }

    private func repot(_ arguments: [ByteString]) throws -> CommandResult {
        let command = arguments[0]
        let store: [ByteString] = ["--store-root", scratch / "s"] + (command == "image" ? ["--closure", "list"] : [])
        return try Repot.run([command] + store + arguments.dropFirst(), directory: scratch.path)
    }
}
