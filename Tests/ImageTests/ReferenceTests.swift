import Image
import SystemCalls
import Testing

@Suite struct ImageReferenceTests {
    @Test(arguments: [
        ("oci:dir", "oci:dir:latest"), ("oci:/a/b:1.0", "oci:/a/b:1.0"), ("oci:a:b/c", "oci:a:b/c"),
        ("oci:sk:app:v1", "oci:sk:app:v1"), ("oci:sk:docker.io/x:1", "oci:sk:docker.io/x:1"),
        ("oci-archive:a:x--y@1+2", "oci-archive:a:x--y@1+2"),
        ("oci-archive:x.tar:t", "oci-archive:x.tar:t"), ("docker-archive:x.tar", "docker-archive:x.tar"),
        ("docker-archive:x.tar:name", "docker-archive:x.tar:name:latest"),
        ("docker-archive:x.tar:host:5000/name:1", "docker-archive:x.tar:host:5000/name:1"),
        ("docker-daemon:name:1", "docker-daemon:name:1"), ("docker-daemon:name", "docker-daemon:name:latest"),
    ])
    func known(_ text: String, _ full: String) throws {
        #expect(try #require(ImageReference(text)).description == full)
    }

    /// The first colon ends the path, as skopeo has it.
    @Test func pathsHaveNoColon() {
        #expect(ImageReference("oci:sk:app:v1") == .layout("sk", tag: "app:v1"))
        #expect(ImageReference("oci-archive:/a/b.tar:c/d:e") == .layoutArchive("/a/b.tar", tag: "c/d:e"))
    }

    @Test(arguments: [
        "", "dir", "oci:", "oci::tag", "oci:dir:", "oci:dir:a b", "docker-daemon:", "docker-daemon:Upper Case",
        "docker-archive:",
        "docker-archive:x:", "registry:name", "oci:dir:.tag", "oci:dir:a:", "oci:a:/b", "oci:dir:a/", "oci:dir:a//b",
        "oci:dir:a---b", "oci:dir:a..b",
        "oci-archive:dir:a:/b", "docker-daemon:na@me",
    ])
    func refused(_ text: String) { #expect(ImageReference(text) == nil) }
}
