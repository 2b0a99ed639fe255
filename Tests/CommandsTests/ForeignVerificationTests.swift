import TestSupport
import Testing

/// `repot verify` of image layouts with images, layers and entries of other tools.
@Suite struct ForeignVerificationTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        try TreeBuilder.build(at: scratch.path) { tree in
            try tree.addSmallStore()
            try tree.file("root/etc/x", .text("x\n"))
        }
    }

    /// Functions for scripts, beside those of ``ForeignDocumentTests``: `tagged NAME` prints the members of an entry with
    /// that tag, `descriptor [MEMBERS]` the entry of the last manifest, `two` writes an index of both entries as the
    /// image `b`, and `layers FILE...` an image of these layers.
    private static let functions: ByteString =
        ForeignDocumentTests.functions + """
            tagged() { printf ',"annotations":{"org.opencontainers.image.ref.name":"%s"}' "$1"; }
            descriptor() { blob $oci.manifest.v1+json manifest "${1-}"; }
            platform() { printf ',"platform":{"architecture":"%s","os":"%s"}' "$1" "${2-linux}"; }
            two() {
              printf '{"schemaVersion":2,"manifests":[%s,%s]}' "$1" "$2" >both
              index "$(blob $oci.index.v1+json both "$(tagged b)")"
            }
            statement() {
              echo '{"predicate":{}}' >statement
              printf '{"architecture":"%s","os":"%s","rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' "$1" "$1" \
                "$(sha256sum <statement | cut -c 1-64)" >config
              manifest "[$(blob "$2" statement)]"
            }
            layers() {
              ids=() blobs=()
              for file; do
                ids+=("$(printf '"sha256:%s"' "$(sha256sum <"$file" | cut -c 1-64)")")
                case $file in encrypted) type=application/x-encrypted ;; *) type=$oci.layer.v1.tar ;; esac
                blobs+=("$(blob $type "$file")")
              done
              local IFS=,
              printf '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[%s]}}' "${ids[*]}" >config
              manifest "[${blobs[*]}]"
            }
            image $oci.layer.v1.tar layer

            """

    @Test(
        "verify accepts parts of an image that repot does not write",
        arguments: [
            ForeignDocumentTests.Layout(
                "an attestation beside the image",
                """
                one=$(descriptor "$(platform amd64)"); statement unknown application/vnd.in-toto+json
                two "$one" "$(descriptor "$(platform unknown unknown)")"
                """),
            ForeignDocumentTests.Layout(
                "a signature that has the configuration of an image",
                """
                one=$(descriptor "$(tagged b)"); statement '' application/vnd.dev.cosign.simplesigning.v1+json
                index "$one,$(descriptor "$(tagged signature)")"
                """),
            ForeignDocumentTests.Layout(
                "an entry that is not JSON",
                "echo text >x; index \"$(descriptor \"$(tagged b)\"),$(blob text/plain x)\""),
            ForeignDocumentTests.Layout(
                "a layer of an unknown type beside a tar archive", "echo >encrypted; layers layer encrypted"),
            ForeignDocumentTests.Layout(
                "an index with a platform that is not in the layout",
                """
                one=$(descriptor "$(platform amd64)"); sed -i s/amd64/arm64/ config
                manifest "[$(blob $oci.layer.v1.tar layer)]"; other=$(descriptor "$(platform arm64)")
                rm L/blobs/sha256/$(sha256sum <manifest | cut -c 1-64) L/blobs/sha256/$(sha256sum <config | cut -c 1-64)
                two "$one" "$other"
                """),
            ForeignDocumentTests.Layout("one layer twice", "layers layer layer"),
            ForeignDocumentTests.Layout(
                "a layer with two files of one name",
                "tar -C root -cf twice etc/x; tar -C root --append -f twice etc/x; layers twice"),
            ForeignDocumentTests.Layout(
                "store paths and links between their files that later layers change",
                """
                path=nix/store/00000000000000000000000000000009-other; mkdir -p a/$path a/nix/store/.links
                echo 1 >a/$path/file; chmod 666 a/$path/file; ln a/$path/file a/nix/store/.links/1; tar -C a -cf lower nix
                rm a/$path/file; echo 2 >a/$path/file; touch a/nix/store/.links/.wh.1; tar -C a -cf upper nix
                mkdir -p b/$path; touch b/$path/.wh.file; tar -C b -cf removal $path; layers lower upper removal
                """),
        ])
    func isAccepted(_ layout: ForeignDocumentTests.Layout) throws {
        try run(layout.script)
        for reference in ["oci:L:b", "oci:L"] as [ByteString] {
            let result = try verify([reference])
            #expect(result.status == 0 && result.errorText == "", "\(reference): \(result.errorText)")
        }
    }

    @Test(
        "verify reports damage of a blob whose content it does not interpret",
        arguments: [
            "one=$(descriptor); statement unknown application/vnd.in-toto+json; two \"$one\" \"$(descriptor)\"; file=statement",
            "echo text >x; index \"$(blob text/plain x \"$(tagged b)\")\"; file=x",
        ] as [ByteString])
    func isDamaged(_ script: ByteString) throws {
        try run(script + "\necho y >L/blobs/sha256/$(sha256sum <$file | cut -c 1-64)")
        let result = try verify(["oci:L:b"])
        #expect(result.status == 1 && result.errorText.contains("is altered"), "\(result.errorText)")
    }

    @Test(
        "verify of one tag ignores entries with digests of other algorithms, and without a tag it reports them as notes"
    )
    func otherAlgorithms() throws {
        try run(
            """
            index "$(descriptor "$(tagged b)"),$(descriptor "$(tagged c)" | sed 's/sha256:[0-9a-f]*/sha512:abc/'),{}"
            """)
        #expect(try verify(["oci:L:b"]).errorText == "")
        let damaged = try verify(["oci:L"])
        #expect(damaged.status == 1 && damaged.errorText.contains("names something without a type"))
        try run("index \"$(descriptor \"$(tagged b)\"),$(descriptor | sed 's/sha256:[0-9a-f]*/sha512:abc/')\"")
        let result = try Repot.run(["verify", "oci:L"], directory: scratch.path)
        #expect(result.status == 0 && result.errorText.contains("note: 'sha512:abc' is not verified"))
        #expect(try verify(["--json", "oci:L"]).outputText.contains("\"notes\":[{\"subject\":\"sha512:abc\""))
        try run("index \"$(descriptor \"$(tagged b)\" | sed 's/sha256:[0-9a-f]*/sha512:abc/')\"")
        #expect(try verify(["oci:L:b"]).status == 1)
    }

    @Test("verify reports an index if none of its platforms is in the layout")
    func noPlatform() throws {
        try run("two \"$(descriptor)\" \"$(descriptor)\"; rm L/blobs/sha256/$(sha256sum <manifest | cut -c 1-64)")
        let result = try verify(["oci:L:b"])
        #expect(result.status == 1 && result.errorText.contains("no regular file has that name"), "\(result.errorText)")
    }

    @Test("verify with a closure names the paths that a layer of an unknown type may have")
    func opaqueLayers() throws {
        try run("echo >encrypted; layers layer encrypted")
        let result = try Repot.run(
            ["verify", "--closure", "list", "--store-root", "s", "oci:L:b"], directory: scratch.path)
        #expect(result.status == 0 && result.errorText.contains("1 path not checked"), "\(result.errorText)")
        #expect(result.errorText.contains("is not read: a layer of type 'application/x-encrypted' is no tar"))
    }

    @Test(
        "verify reports a layout without an image",
        arguments: ["layers encrypted", "rm L/index.json; mkfifo L/index.json"])
    func noImage(_ script: ByteString) throws {
        try run("echo >encrypted; \(script); [[ -p L/index.json ]] || index \"$(descriptor \"$(tagged b)\")\"")
        for reference in ["oci:L:b", "oci:L"] as [ByteString] {
            let result = try verify(["--closure", "list", "--store-root", "s", reference])
            #expect(result.status == 1, "\(result.errorText)")
            #expect(
                ["has no image", "no regular file"].contains { result.errorText.contains($0) }, "\(result.errorText)")
        }
    }

    @Test("the modes, times and owners of a base image without history need not be those of a store")
    func baseWithoutHistory() throws {
        try run(
            """
            path=nix/store/00000000000000000000000000000009-below; mkdir -p a/nix/store; echo b >a/$path
            chmod 644 a/$path; touch -d @99 a/$path; tar -C a -cf lower $path; layers lower
            """)
        let image: [ByteString] = ["image", "-q", "--no-cache", "--store-root", "s", "--closure", "list"]
        #expect(try Repot.run(image + ["--base", "oci:L:b", "-o", "oci:o:t"], directory: scratch.path).status == 0)
        let result = try Repot.run(["verify", "-q", "--store-root", "s", "oci:o:t"], directory: scratch.path)
        #expect(result.status == 0 && result.errorText == "", "\(result.errorText)")
        let authors = try run("grep -aoh '\"created_by\":\"[^\"]*\"' o/blobs/sha256/* | wc -l").outputText
        #expect(authors == "1\n")
    }

    @discardableResult
    private func run(_ script: ByteString) throws -> CommandResult {
        try Command.succeed(["bash", "-euc", Self.functions + script, "bash", scratch.path])
    }

    private func verify(_ arguments: [ByteString]) throws -> CommandResult {
        try Repot.run(["verify", "-q"] + arguments, directory: scratch.path)
    }
}
