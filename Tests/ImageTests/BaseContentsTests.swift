import NixClosure
import StoreFixture
import SystemCalls
import Tar
import TestSupport
import Testing

@testable import Image

/// What is known of layers that say nothing of what is in them: those of others, packed or not.
@Suite struct BaseContentsTests {
    private let fixture: ImageFixture

    init() throws { fixture = try ImageFixture() }

    static let packers: [ByteString] = ["cat", "gzip -cn", "zstd -cq"]

    /// As `docker save` of old wrote it: these files as layers, the lowest first.
    private func save(_ layers: [ByteString], _ packer: ByteString = "cat") throws -> StoredImage {
        try fixture.run(
            """
            mkdir save
            ids= names=
            for layer in \(ByteString(layers.map(\.description).joined(separator: " "))); do
              ids="$ids,\\"sha256:$(sha256sum $layer | cut -d ' ' -f 1)\\"" names="$names,\\"$layer\\""
              \(packer) <$layer >save/$layer
            done
            echo "{\\"architecture\\":\\"amd64\\",\\"rootfs\\":{\\"diff_ids\\":[${ids#,}]}}" >save/config.json
            echo "[{\\"Config\\":\\"config.json\\",\\"RepoTags\\":null,\\"Layers\\":[${names#,}]}]" >save/manifest.json
            tar -C save -cf save.tar .
            """)
        return try fixture.stored("docker-archive:save.tar")
    }

    /// Writes layers of repot's as files `0.tar`, `1.tar` and so on.
    private func lay(_ layers: [[Int]]) throws {
        for (number, layer) in try fixture.write(layers).layers.enumerated() {
            let digest = ByteString(layer.blob.descriptor.digest.hex)
            try fixture.run("cp image/blobs/sha256/\(digest) \(ByteString("\(number)")).tar")
        }
    }

    @Test(
        "store paths of the base with other content are altered, unless a layer removes them",
        arguments: [
            (": >d/nix/store/DIRECTORY/more", [0]), (":", []), ("rm -r d/nix/store/DIRECTORY/*", [0]),
            ("rm -r d/nix/store/DIRECTORY; : >d/nix/store/.wh.DIRECTORY", []),
        ] as [(ByteString, [Int])])
    func alteredPaths(_ change: (script: ByteString, altered: [Int])) throws {
        try lay([[0, 1]])
        try fixture.run(
            """
            mkdir d
            tar -C d -xf 0.tar
            script=$(echo '\(change.script)' | sed 's/DIRECTORY/\(ByteString(fixture.paths[0].description))/g')
            eval "$script"
            tar -C d --sort=name -cf 0.tar .
            """)
        let existing = try BaseContents(try save(["0.tar"]), of: fixture.infos, in: fixture.fake.store)
        #expect(existing.altered == Set(change.altered.map { fixture.paths[$0] }))
    }

    @Test("a store path exists if its uppermost layer removes the altered one below and has all of its content")
    func removedAndAddedAgain() throws {
        let removal = LayerPlan(removing: [fixture.paths[0]], from: fixture.fake.store)
        try fixture.write([]) { spec in
            spec.layers = [
                LayerPlan([ArchiveItem(Path("nix/store/\(fixture.paths[0])/old"), .file([], mode: 0o444))]), removal,
                LayerPlan([fixture.infos[0]], in: fixture.fake.store),
            ]
        }
        let existing = try BaseContents(try fixture.stored("oci:image"), of: fixture.infos, in: fixture.fake.store)
        #expect(existing.storePaths == [fixture.paths[0]] && existing.altered == [])
    }

    @Test(
        "a name with a NUL byte in Docker's manifest is refused",
        arguments: [
            (#""config.json\u0000x""#, #""0.tar""#), (#""config.json""#, #""0.tar\u0000x""#), (#""config.json""#, "7"),
        ])
    func dockerNameContainsNUL(config: String, layer: String) throws {
        try lay([[0]])
        _ = try save(["0.tar"])
        try TreeBuilder.build(at: fixture.scratch / "new") { tree in
            let text = #"[{"Config":\#(config),"RepoTags":null,"Layers":[\#(layer)]}]"#
            try tree.file("manifest.json", .text(text))
        }
        try fixture.run("cp new/manifest.json save && tar -C save -cf save.tar .")
        let error = #expect(throws: PathError.self) { try fixture.stored("docker-archive:save.tar") }
        #expect(error?.description.contains("'manifest.json' has") == true)
    }

    @Test("an annotation with a NUL byte names no store path")
    func annotationContainsNUL() throws {
        var image = try fixture.write([[0]]).layers[0].blob.descriptor
        image.annotations[LayerPlan.storePathsKey] = "\(fixture.paths[0])\u{0}junk \(fixture.paths[1])"
        #expect(image.storePaths(LayerPlan.storePathsKey) == [fixture.paths[1]])
    }

    private func existing(_ image: StoredImage) throws -> Set<StorePath> {
        try BaseContents(image, of: fixture.infos, in: fixture.fake.store).storePaths
    }

    /// What lies at the top of the image's root, as whoever runs it sees it.
    @Test(
        arguments: [
            (": >d/other", "below"), (": >d/.wh.note", nil), (": >d/.wh..wh..opq", nil),
            ("echo above >d/note", "above"),
            (": >d/.wh..wh..opq; echo above >d/note", "above"), ("mkdir d/etc; : >d/etc/.wh.note", "below"),
        ] as [(ByteString, String?)])
    func documentsMayBeHidden(_ script: ByteString, _ content: String?) throws {
        try fixture.run("mkdir b d; echo below >b/note; \(script); for x in b d; do tar -C $x -cf $x.tar .; done")
        let contents = try BaseContents(
            try save(["b.tar", "d.tar"]), of: fixture.infos, in: fixture.fake.store, documents: ["note"])
        let found = contents.documents["note"]
        #expect(found.map { String(decoding: $0, as: UTF8.self) } == content.map { $0 + "\n" })
    }

    /// A store path that an upper layer removes or changes does not exist in the base.
    @Test(
        arguments: [
            ("mkdir -p d/nix/store; : >d/nix/store/.wh.FILE", [0]), ("mkdir -p d; : >d/.wh.nix", []),
            ("mkdir -p d/nix/store; : >d/nix/store/.wh..wh..opq", []), ("mkdir -p d/nix; : >d/nix/.wh.store", []),
            ("mkdir -p d/nix/store/DIRECTORY; : >d/nix/store/DIRECTORY/.wh.bin", [1]),
            ("mkdir -p d/nix/store/DIRECTORY/bin; : >d/nix/store/DIRECTORY/bin/more", [1]),
            ("mkdir -p d/etc; : >d/etc/.wh.nix", [0, 1]), ("mkdir -p d/elsewhere; ln -s elsewhere d/nix", []),
            ("mkdir -p d/nix/store", [0, 1]),
        ] as [(ByteString, [Int])], packers)
    func upperLayersCount(_ change: (script: ByteString, existing: [Int]), _ packer: ByteString) throws {
        try lay([[0, 1]])
        try fixture.run(
            """
            DIRECTORY=\(ByteString(fixture.paths[0].description)) FILE=\(ByteString(fixture.paths[1].description))
            script=$(echo '\(change.script)' | sed "s/DIRECTORY/$DIRECTORY/g; s/FILE/$FILE/g")
            eval "$script"
            tar -C d -cf 1.tar .
            """)
        #expect(try existing(try save(["0.tar", "1.tar"], packer)) == Set(change.existing.map { fixture.paths[$0] }))
    }

    /// Incomplete store paths are in layers of `docker commit` beside a mounted store path, and of tools that shrink
    /// images.
    @Test(
        "a store path exists only if all of its content is in the base",
        arguments: [
            (":", [0, 1]), ("rm -r $DIRECTORY/*", [1]), ("rm $(find $DIRECTORY -type f | head -n 1)", [1]),
            (": >$FILE", [0]), ("size=$(stat -c %s $FILE); head -c $size /dev/zero >$FILE", [0]),
            ("chmod 555 $FILE", [0]), (": >$DIRECTORY/more", [1]), ("ln $FILE d/link", [0, 1]),
            ("ln $FILE d/a; ln -f d/a $FILE", [0, 1]), ("mkfifo $DIRECTORY/fifo", [1]),
            ("export TAR_OPTIONS=--sparse; truncate -s 1M $FILE", [0]),
            ("export TAR_OPTIONS=--sparse; truncate -s 1M d/large", [0, 1]),
        ] as [(ByteString, [Int])], packers)
    func incompletePathsDoNotCount(_ change: (script: ByteString, existing: [Int]), _ packer: ByteString) throws {
        try lay([[0, 1]])
        try fixture.run(
            """
            mkdir d
            tar -C d -xf 0.tar
            DIRECTORY=d/nix/store/\(ByteString(fixture.paths[0].description))
            FILE=d/nix/store/\(ByteString(fixture.paths[1].description))
            \(change.script)
            LC_ALL=C tar -C d --sort=name -cf 0.tar .
            """)
        #expect(try existing(try save(["0.tar"], packer)) == Set(change.existing.map { fixture.paths[$0] }))
    }

    /// Without `--sort`, tar writes the members in the order of the directory. They cannot be hashed as they come.
    @Test("a store path whose members are in another order counts as other content")
    func orderMatters() throws {
        try lay([[0, 1]])
        try fixture.run(
            """
            mkdir d
            tar -C d -xf 0.tar
            find d/nix -mindepth 2 | sed 's,^d/,,' | sort -r >names
            tar -C d --no-recursion -cf 0.tar -T names
            """)
        let contents = try BaseContents(try save(["0.tar"]), of: fixture.infos, in: fixture.fake.store)
        // A store path that is a file has no order.
        #expect(contents.storePaths == [fixture.paths[1]] && contents.altered == [fixture.paths[0]])
    }

    @Test("a hard link does not hide other content of the same size", arguments: packers)
    func linksAreHashed(_ packer: ByteString) throws {
        try lay([[0, 1]])
        try fixture.run(
            """
            mkdir d
            tar -C d -xf 0.tar
            DIRECTORY=d/nix/store/\(ByteString(fixture.paths[0].description))
            FILE=$(find $DIRECTORY -type f | sed -n 1p)
            size=$(stat -c %s $FILE); head -c $size /dev/zero | tr '\\0' x >$FILE
            ln d/nix/store/\(ByteString(fixture.paths[1].description)) d/a
            ln $FILE d/b
            LC_ALL=C tar -C d --sort=name -cf 0.tar .
            """)
        #expect(try existing(try save(["0.tar"], packer)) == [fixture.paths[1]])
    }

    @Test("the annotations of a layer prove nothing")
    func annotationsAreNotBelieved() throws {
        try fixture.write([[0, 1]])
        var infos = fixture.infos
        infos[0].narHash = infos[1].narHash
        let contents = try BaseContents(try fixture.stored("oci:image"), of: infos, in: fixture.fake.store)
        #expect(contents.storePaths == [fixture.paths[1]] && contents.altered == [fixture.paths[0]])
    }

    /// A path in several layers may be a mixture, however many there are.
    @Test(arguments: packers) func pathsInSeveralLayersDoNot(_ packer: ByteString) throws {
        try lay([[0], [1], [0], [0, 2]])
        #expect(try existing(try save(["0.tar", "1.tar", "2.tar", "3.tar"], packer)) == Set(fixture.paths[1...2]))
    }

    /// In a layout, without repot's annotations; whatever the types say.
    @Test(arguments: [ArchiveCompressionCase.none, .gzip, .zstd], [nil, "tar", "tar+gzip", "tar+zstd"])
    func bytesTellThePacking(_ compression: ArchiveCompressionCase, _ type: String?) throws {
        try fixture.write([[0], [1, 2]]) { $0.options.compression = compression.value }
        try fixture.run(
            """
            python3 - '\(ByteString(type ?? ""))' <<'END'
            import hashlib, json, sys
            index = json.load(open('image/index.json'))
            blob = lambda digest: 'image/blobs/sha256/' + digest.split(':')[1]
            manifest = json.load(open(blob(index['manifests'][0]['digest'])))
            for layer in manifest['layers']:
                del layer['annotations']
                if sys.argv[1]: layer['mediaType'] = 'application/vnd.oci.image.layer.v1.' + sys.argv[1]
            text = json.dumps(manifest).encode()
            digest = 'sha256:' + hashlib.sha256(text).hexdigest()
            index['manifests'][0].update(digest=digest, size=len(text))
            open(blob(digest), 'wb').write(text)
            json.dump(index, open('image/index.json', 'w'))
            END
            """)
        let base = try fixture.stored("oci:image")
        #expect(base.storePaths.joined().isEmpty)
        #expect(try existing(base) == Set(fixture.paths))
    }

    /// Neither what is damaged nor what is meant to do harm is taken for a layer without store paths.
    @Test(
        arguments: [
            ("cut.tar", "cat", "it is cut off"),
            ("whole.tar", "gzip -cn | head -c 200", "its gzip data ends too early"),
            ("whole.tar", "zstd -cq | head -c 200", "its zstd data ends too early"),
            ("whole.tar", "(gzip -cn | head -c 200; head -c 900 /dev/zero)", "its gzip data is damaged"),
            ("cut.tar", "gzip -cn", "it is cut off"), ("cut.tar", "zstd -cq", "it is cut off"),
            ("large.tar", "gzip -cn", "it is cut off"),
            ("up.tar", "zstd -cq", "'nix/../nix/store/a' has '..' in its name"),
            ("text", "gzip -cn", "it is no tar archive"),
            ("whole.tar", "xz -c", "unpack it first with 'xz -d'"),
        ] as [(ByteString, ByteString, String)])
    func whatCannotBeListedIsNamed(_ layer: ByteString, _ packer: ByteString, _ why: String) throws {
        try lay([[0]])
        try fixture.run(
            """
            mkdir d
            head -c 100000 /dev/urandom >d/a
            tar -C d -cf whole.tar a
            head -c 50000 whole.tar >cut.tar
            tar -C d --transform 's,^,nix/../nix/store/,' -cf up.tar -P a
            truncate -s 50G d/large
            tar -C d --format=gnu -cf - large 2>/dev/null | head -c 4096 >large.tar
            yes text | head -n 1000 >text
            """)
        let image = try save(["0.tar", layer], packer.description.hasPrefix("(") ? packer : "sh -c '\(packer)'")
        let error = #expect(throws: PathError.self) { try existing(image) }
        let text = error?.description ?? ""
        #expect(text.hasPrefix("cannot list the layer sha256:") && text.contains("/save.tar' is no archive that can"))
        #expect(text.contains(why) && text.contains("; "), "\(text)")
    }

    @Test(arguments: packers) func canBeEnded(_ packer: ByteString) throws {
        try lay([[0]])
        let image = try save(["0.tar"], packer)
        let error = #expect(throws: PathError.self) {
            try BaseContents(image, of: fixture.infos, in: fixture.fake.store, workers: 1) { true }
        }
        #expect(error?.isCancelled == true)
    }
}
