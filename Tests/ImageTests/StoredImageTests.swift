import Image
import NixClosure
import StoreFixture
import SystemCalls
import Tar
import TestSupport
import Testing

/// Images that are there already, as repot, Docker, skopeo and GNU tar lay them down.
@Suite struct StoredImageTests {
    private let fixture: ImageFixture

    init() throws { fixture = try ImageFixture() }

    /// On top of any of them there is the same image, and what it holds is known.
    @Test(arguments: [ArchiveCompressionCase.none, .gzip, .zstd])
    func everyFormIsTheSameBase(_ compression: ArchiveCompressionCase) throws {
        let image = try fixture.write([[0], [1]]) { $0.options.compression = compression.value }
        try fixture.archive(image, as: .layout(tag: "t"), to: "layout.tar")
        try fixture.archive(image, as: .docker(name: "name:t"), to: "docker.tar")
        try fixture.run("for form in gnu pax ustar; do tar -C image --format=$form -cf $form.tar .; done")
        let places = [
            "oci:image", "oci:image:latest", "oci-archive:layout.tar:t", "oci-archive:layout.tar",
            "docker-archive:docker.tar",
            "docker-archive:docker.tar:name:t", "docker-archive:docker.tar:docker.io/library/name:t",
            "oci-archive:docker.tar:t",
            "oci-archive:gnu.tar", "oci-archive:pax.tar", "oci-archive:ustar.tar",
        ]
        for (number, place) in places.enumerated() {
            let base = try fixture.stored(place)
            #expect(
                try BaseContents(base, of: fixture.infos, in: fixture.fake.store).storePaths
                    == Set(fixture.paths[0...1]),
                "\(place)")
            let name = ByteString("on-\(number)")
            let top = try fixture.write([[2]], to: name) { $0.base = base }
            #expect(top.baseLayers.map(\.digest) == image.layers.map(\.blob.descriptor.digest), "\(place)")
            let manifests = try fixture.layout(name).manifests().map(\.digest)
            let first = try fixture.layout("on-0").manifests().map(\.digest)
            #expect(manifests == first, "\(place)")
        }
        try fixture.run("cd on-0/blobs/sha256 && for blob in *; do echo \"$blob  $blob\"; done | sha256sum -c --quiet")
    }

    /// What `docker save` of old writes: layers in folders of their own, one that is there twice as a link; nothing
    /// says what is in them, so they are listed.
    @Test func oldDockerArchivesAreListed() throws {
        let image = try fixture.write([[0], [1], [0]])
        let digests = image.layers.map(\.blob.descriptor.digest.hex)
        try fixture.run(
            """
            mkdir -p save/a save/b save/c
            cp image/blobs/sha256/\(ByteString(digests[0])) save/a/layer.tar
            cp image/blobs/sha256/\(ByteString(digests[1])) save/b/layer.tar
            ln -s ../a/layer.tar save/c/layer.tar
            cp image/blobs/sha256/\(ByteString(image.config.digest.hex)) save/config.json
            echo '[{"Config":"config.json","RepoTags":["one:1","two:2"],"Layers":["a/layer.tar","b/layer.tar","c/layer.tar"]}]' \
              >save/manifest.json
            tar -C save -cf save.tar .
            """)
        for place in ["docker-archive:save.tar", "docker-archive:save.tar:two:2"] {
            let base = try fixture.stored(place)
            // The first path is in two layers: which of them counts is not looked into.
            #expect(try BaseContents(base, of: fixture.infos, in: fixture.fake.store).storePaths == [fixture.paths[1]])
            let top = try fixture.write([[2]], to: ByteString("on-\(place.utf8.count)")) { $0.base = base }
            #expect(top.baseLayers.map { $0.digest.hex } == digests)
        }
        let error = #expect(throws: PathError.self) { try fixture.stored("docker-archive:save.tar:three:3") }
        #expect(error?.description.contains("it has 'docker.io/library/one:1', 'docker.io/library/two:2'") ?? false)
    }

    /// What is left out of a path is in no layer, so the path is not one that need not be there again.
    @Test func prunedPathsAreNotHeld() throws {
        let plan = LayerPlan(fixture.infos, in: fixture.fake.store, excluding: [fixture.paths[0]: ["bin"]])
        try fixture.write([]) { $0.layers = [plan] }
        let base = try fixture.stored("oci:image")
        #expect(base.storePaths == [fixture.paths])
        #expect(
            try BaseContents(base, of: fixture.infos, in: fixture.fake.store).storePaths == Set(fixture.paths[1...]))
    }

    /// Of an index in the index the image for the architecture is meant.
    @Test func platformsAreChosen() throws {
        for architecture in ["amd64", "arm64"] {
            try fixture.write([[0]], tag: architecture) {
                $0.configuration.platform = Platform(os: "linux", architecture: architecture)
            }
        }
        try fixture.run(
            """
            sed 's/,"annotations":{[^}]*}//g' image/index.json >inner
            digest=$(sha256sum inner | cut -d ' ' -f 1)
            mv inner image/blobs/sha256/$digest
            size=$(stat -c %s image/blobs/sha256/$digest)
            printf '{"manifests":[{"mediaType":"application/vnd.oci.image.index.v1+json","digest":"sha256:%s","size":%d}]}' \
              "$digest" "$size" >image/index.json
            """)
        for architecture in ["amd64", "arm64"] {
            #expect(try fixture.stored("oci:image", for: architecture).platform?.architecture == architecture)
        }
        let error = #expect(throws: PathError.self) { try fixture.stored("oci:image", for: "s390x") }
        #expect(error?.description.contains("has no image for s390x; it has 'amd64', 'arm64'") ?? false)
    }

    static let listed = ["amd64/v3", "amd64", "arm/v5", "arm/v7", "arm64/v9", "arm64/v8", "riscv64/rva23"]

    @Test(
        "the image of an index with the requested variant is chosen, or otherwise the one with the usual variant",
        arguments: [
            ("amd64", "amd64"), ("amd64/v1", "amd64"), ("amd64/v3", "amd64/v3"), ("amd64/v2", nil), ("arm", "arm/v7"),
            ("arm/v7", "arm/v7"), ("arm/v5", "arm/v5"), ("arm/v6", nil), ("arm64", "arm64/v8"), ("arm64/8", "arm64/v8"),
            ("arm64/v9", "arm64/v9"), ("riscv64", nil), ("riscv64/rva23", "riscv64/rva23"),
        ])
    func variantsAreChosen(_ wanted: String, _ chosen: String?) throws {
        for (number, name) in Self.listed.enumerated() {
            let platform = try #require(Platform(argument: name))
            try fixture.write([[0]], tag: "\(number)") { $0.configuration.platform = platform }
        }
        try fixture.run(
            "sed -i 's/\"org.opencontainers.image.ref.name\":\"[0-9]*\"/\"org.opencontainers.image.ref.name\":\"t\"/g' image/index.json"
        )
        do {
            let found = try fixture.stored("oci:image:t", for: wanted).platform?.name
            #expect(found == chosen)
        } catch let error as PathError {
            #expect(chosen == nil)
            let names = "'amd64', 'amd64/v3', 'arm/v5', 'arm/v7', 'arm64/v8', 'arm64/v9', 'riscv64/rva23'"
            #expect(error.description.contains("has no image for \(wanted); it has \(names)"), "\(error)")
        }
    }

    @Test(arguments: ["oci:image", "oci-archive:copy.tar", "docker-archive:docker.tar"])
    func damagedBlobsAreRefused(_ place: String) throws {
        let image = try fixture.write([[0]])
        let layer = ByteString(image.layers[0].blob.descriptor.digest.hex)
        try fixture.archive(image, as: .docker(name: nil), to: "docker.tar")
        try fixture.run(
            """
            blob=image/blobs/sha256/\(layer)
            printf X | dd of=$blob bs=1 seek=1000 conv=notrunc status=none
            tar -C image -cf copy.tar .
            at=$(grep -abo blobs/sha256/\(layer) docker.tar | head -n 1 | cut -d : -f 1)
            printf X | dd of=docker.tar bs=1 seek=$((at + 1512)) conv=notrunc status=none
            """)
        let base = try fixture.stored(place)
        let error = #expect(throws: PathError.self) { try fixture.write([[1]], to: "top") { $0.base = base } }
        #expect(error?.description.contains("has other bytes; make or fetch the image anew") ?? false)
        let left = try fixture.run("ls -A top/blobs/sha256 | wc -l; grep -q '\"manifests\":\\[\\]' top/index.json")
        #expect(left == "0\n")
    }

    @Test(
        arguments: [
            ("oci:image:other", "has no image with the tag 'other'; it has 'latest'"),
            ("oci:none", "is no image layout"),
            ("oci-archive:none.tar", "cannot open"), ("oci-archive:xz.tar", "unpack it first with 'xz -d'"),
            ("oci-archive:text", "it is no tar archive"), ("docker-archive:image.tar", "name it as oci-archive:"),
            ("oci-archive:empty.tar", "has no image layout in it"), ("oci-archive:cut.tar", "it is cut off"),
            ("oci-archive:directory", "is not a regular file"),
        ])
    func whatIsNoneIsNamed(_ place: String, _ why: String) throws {
        try fixture.write([[0]])
        try fixture.run(
            """
            tar -C image -cf image.tar .
            xz -c image.tar >xz.tar
            yes text | head -n 1000 >text
            tar -cf empty.tar -T /dev/null
            head -c 3000 image.tar >cut.tar
            mkdir directory
            """)
        let error = #expect(throws: PathError.self) { try fixture.stored(place) }
        #expect(error?.description.contains(why) ?? false, "\(error?.description ?? "")")
    }
}

enum ArchiveCompressionCase: Sendable { case none, gzip, zstd }
