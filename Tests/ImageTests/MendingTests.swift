import Image
import StoreFixture
import SystemCalls
import TestSupport
import Testing

/// Layouts with blobs that are not what their names say.
@Suite struct MendingTests {
    private let fixture: ImageFixture
    private var cache: LayerCache { LayerCache(fixture.path("cache")) }

    init() throws { fixture = try ImageFixture() }

    /// Another byte, and the same size.
    private func damage(_ blob: BlobDescriptor, in name: ByteString = "image") throws {
        let file = name / "blobs/sha256" / ByteString(blob.digest.hex)
        try fixture.run("printf '#' | dd of=\(file) bs=1 seek=5 conv=notrunc status=none")
    }

    private func isWhole(_ name: ByteString = "image") throws -> Bool {
        let script: ByteString = """
            cd \(name)/blobs/sha256
            for blob in *; do echo "$blob  $blob"; done | sha256sum -c --quiet 2>/dev/null && echo whole || true
            """
        return try fixture.run(script).hasSuffix("whole\n")
    }

    @Test func documentsAreMended() throws {
        let image = try fixture.write([[0]]) { $0.cache = cache }
        for blob in [image.manifest, image.config] {
            try damage(blob)
            #expect(try !isWhole())
            try fixture.write([[0]]) { $0.cache = cache }
            #expect(try isWhole(), "\(blob.mediaType)")
        }
    }

    /// A layer that is remembered is not read; without the memory it is written anew.
    @Test func layersAreMendedWithoutTheCache() throws {
        let image = try fixture.write([[0]]) { $0.cache = cache }
        try damage(image.layers[0].blob.descriptor)
        try fixture.write([[0]])
        #expect(try isWhole())
    }

    @Test("a rebuild reads the layers of the base again, even without a cache")
    func layersOfTheBaseAreReadAgain() throws {
        let image = try fixture.write([[0]], to: "base")
        let base = try fixture.stored("oci:base")
        try fixture.write([[1]]) { $0.base = base }
        try damage(image.layers[0].blob.descriptor)
        try fixture.write([[1]]) { ($0.base, $0.rebuilds) = (base, true) }
        #expect(try isWhole())
    }

    /// A store's file is neither linked nor does what happens to one of the two happen to the other.
    @Test func blobsOfTheBaseAreNobodyElses() throws {
        let image = try fixture.write([[0]], to: "base")
        let blob = "blobs/sha256/\(image.layers[0].blob.descriptor.digest.hex)"
        try fixture.run("chmod 444 base/\(ByteString(blob))")
        let base = try fixture.stored("oci:base")
        try fixture.write([[1]]) { $0.base = base }
        #expect(
            try fixture.run("stat -c '%h %a' base/\(ByteString(blob)) image/\(ByteString(blob))") == "1 444\n1 644\n")
        try fixture.run("echo more >>image/\(ByteString(blob))")
        #expect(try isWhole("base"))
    }
}
