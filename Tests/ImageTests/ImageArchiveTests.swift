import Image
import JSON
import StoreFixture
import SystemCalls
import TestSupport
import Testing

/// An image as one file.
@Suite struct ImageArchiveTests {
    private let fixture: ImageFixture

    init() throws { fixture = try ImageFixture() }

    /// Of a blob's file only the content counts.
    @Test func metadataOfBlobsStaysBehind() throws {
        let image = try fixture.write([[0], [1], [2]])
        try fixture.archive(image, as: .docker(name: "a:b"), to: "one.tar")
        try fixture.run(
            "chmod 600 image/blobs/sha256/*; setfattr -n user.a -v b image/blobs/sha256/*; touch image/blobs/sha256/*")
        try fixture.archive(image, as: .docker(name: "a:b"), to: "two.tar")
        try fixture.run("cmp one.tar two.tar")
        let listing = try fixture.run(
            "tar --numeric-owner --full-time -tvf one.tar | awk '{ print $1, $2, $4, $5 }' | sort -u")
        #expect(listing == "-rw-r--r-- 0/0 1970-01-01 00:00:01\ndrwxr-xr-x 0/0 1970-01-01 00:00:01\n")
    }

    /// A blob is there once, also when two layers are the same.
    @Test func equalLayersAreOneBlob() throws {
        let image = try fixture.write([[0], [0]])
        try fixture.archive(image, as: .docker(name: nil), to: "one.tar")
        #expect(try fixture.run("tar -tf one.tar | grep -c 'sha256/.'") == "3\n")
        #expect(try fixture.stored("docker-archive:one.tar").layerCount == 2)
    }

    @Test(
        arguments: [
            ("app:1", "docker.io/library/app:1", "1"), ("me/app:2", "docker.io/me/app:2", "2"),
            ("localhost/app:3", "localhost/app:3", "3"), ("host:5000/app:4", "host:5000/app:4", "4"),
            ("ghcr.io/me/app:v5", "ghcr.io/me/app:v5", "v5"),
        ])
    func namesAreWrittenInFull(_ name: String, _ full: String, _ tag: String) throws {
        try fixture.archive(try fixture.write([[1]]), as: .docker(name: name), to: "one.tar")
        let index = try JSONReader.value(of: Array(try fixture.run("tar -xOf one.tar index.json").utf8))
        let annotations = index["manifests"]?.elements?.first?["annotations"]
        #expect(annotations?["io.containerd.image.name"]?.string == full)
        #expect(annotations?["org.opencontainers.image.ref.name"]?.string == tag)
        let manifest = try JSONReader.value(of: Array(try fixture.run("tar -xOf one.tar manifest.json").utf8))
        #expect(manifest.elements?.first?["RepoTags"]?.elements == [.string(name)])
    }
}

/// A layout that is there for a while.
@Suite struct ScratchLayoutTests {
    @Test func goesWithItsOwner() throws {
        let fixture = try ImageFixture()
        do {
            let scratch = try ScratchLayout(in: Path(fixture.scratch.path))
            _ = try ImageWriter(
                ImageSpec(
                    layers: [LayerPlan(fixture.infos, in: fixture.fake.store)], configuration: ImageConfiguration())
            )
            .write(to: scratch.layout, tag: "t")
            #expect(try fixture.run("ls -A").contains(".repot-"))
        }
        #expect(try !fixture.run("ls -A").contains(".repot-"))
    }

    /// One that nobody holds is swept up, and one at work is not.
    @Test func goesWithTheNextOneAfterAKill() throws {
        let fixture = try ImageFixture()
        let dead = String(repeating: "d", count: 16)
        try fixture.run("mkdir -p .repot-\(ByteString(dead))-1/blobs/sha256; touch .repot-\(ByteString(dead))")
        let living = try ScratchLayout(in: Path(fixture.scratch.path))
        let second = try ScratchLayout(in: Path(fixture.scratch.path))
        #expect(try !fixture.run("ls -A").contains(dead))
        #expect(try living.layout.manifests().isEmpty && second.layout.manifests().isEmpty)
        #expect(try fixture.run("ls -Ad .repot-*/oci-layout | wc -l") == "2\n")
    }

    /// In a folder of blobs too.
    @Test func blobsOfAKilledRunAreSweptUp() throws {
        let fixture = try ImageFixture()
        let dead = ByteString(".repot-\(String(repeating: "d", count: 16))")
        try fixture.write([[0]])
        try fixture.run("for folder in image image/blobs/sha256; do touch $folder/\(dead) $folder/\(dead)-1; done")
        try fixture.write([[1]])
        #expect(try fixture.run("find image -name '.repot-*'") == "")
    }
}
