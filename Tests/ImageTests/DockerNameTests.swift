import Image
import Testing

/// Names that Docker takes, and others.
@Suite struct DockerNameTests {
    @Test(
        arguments: [
            "app", "app:1", "a/b/c:V1.2_3-x", "a__b:1", "a--b:1", "a.b_c-d", "localhost:5000/app",
            "Registry.example/app:1",
            "host:65535/me/app:1",
        ])
    func isTaken(_ name: String) {
        let tagged = name.hasSuffix("app") || name == "a.b_c-d" ? "\(name):latest" : name
        #expect(ImageReference("docker-daemon:\(name)")?.description == "docker-daemon:\(tagged)")
        #expect(ImageReference("docker-archive:f.tar:\(name)")?.description == "docker-archive:f.tar:\(tagged)")
    }

    @Test(
        arguments: [
            "", "App", "App:1", "app:", "app:-1", "app:a:b", "/app", "app/", "a//b", "-app", "app-", "a___b", "a..b",
            "a b",
            "host:port/app", "app@sha256", "a/B", "ho_st:1/app", "app:\(String(repeating: "a", count: 129))",
        ])
    func isRefused(_ name: String) {
        #expect(ImageReference("docker-daemon:\(name)") == nil)
        #expect(ImageReference("docker-archive:f.tar:\(name)") == nil)
    }

    /// With the registry, which need not be said, and without the tag.
    @Test func namesHaveALength() {
        let room = 255 - "docker.io/library/".utf8.count
        let name = String(repeating: "a", count: room)
        #expect(ImageReference("docker-daemon:\(name):\(String(repeating: "t", count: 128))") != nil)
        #expect(ImageReference("docker-daemon:\(name)a") == nil)
        #expect(ImageReference("docker-daemon:host.example/\(name)aaaaa") != nil)
        #expect(ImageReference("docker-daemon:host.example/\(name)aaaaaa") == nil)
    }
}
