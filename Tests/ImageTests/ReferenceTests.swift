import Image
import Testing

@Suite struct ImageReferenceTests {
    @Test(arguments: [
        ("oci:dir", "oci:dir:latest"), ("oci:/a/b:1.0", "oci:/a/b:1.0"), ("oci:a:b/c", "oci:a:b/c:latest"),
        ("oci-archive:x.tar:t", "oci-archive:x.tar:t"), ("docker-archive:x.tar", "docker-archive:x.tar"),
        ("docker-archive:x.tar:name", "docker-archive:x.tar:name:latest"),
        ("docker-archive:x.tar:host:5000/name:1", "docker-archive:x.tar:host:5000/name:1"),
        ("docker-daemon:name:1", "docker-daemon:name:1"), ("docker-daemon:name", "docker-daemon:name:latest"),
    ])
    func known(_ text: String, _ full: String) throws {
        #expect(try #require(ImageReference(text)).description == full)
    }

    @Test(arguments: [
        "", "dir", "oci:", "oci::tag", "oci:dir:", "oci:dir:a b", "docker-daemon:", "docker-daemon:Upper Case",
        "docker-archive:",
        "docker-archive:x:", "registry:name", "oci:dir:.tag", "docker-daemon:na@me",
    ])
    func refused(_ text: String) { #expect(ImageReference(text) == nil) }
}
