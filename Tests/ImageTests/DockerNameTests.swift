import Image
import Testing

/// Names that Docker takes, and others.
@Suite struct DockerNameTests {
    @Test(
        "a name that the grammar of distribution/reference accepts is accepted, and gets the tag latest",
        arguments: [
            "app", "app:1", "a/b/c:V1.2_3-x", "a__b:1", "a--b:1", "a.b_c-d", "localhost:5000/app",
            "Registry.example/app:1",
            "host:65535/me/app:1", "host:99999/app", "[::1]:5000/app", "[2001:DB8::1]/app", "Host/app",
            "a-b.c--d:1/app",
        ])
    func isTaken(_ name: String) {
        let tagged = name.hasSuffix("app") || name == "a.b_c-d" ? "\(name):latest" : name
        #expect(ImageReference("docker-daemon:\(name)")?.description == "docker-daemon:\(tagged)")
        #expect(ImageReference("docker-archive:f.tar:\(name)")?.description == "docker-archive:f.tar:\(tagged)")
    }

    @Test(
        "a name that the grammar of distribution/reference refuses is refused, byte for byte",
        arguments: [
            "", "App", "App:1", "app:", "app:-1", "app:a:b", "/app", "app/", "a//b", "-app", "app-", "a___b", "a..b",
            "a b",
            "host:port/app", "app@sha256", "a/B", "ho_st:1/app", "app:\(String(repeating: "a", count: 129))",
            "a.b:+5000/x:1", "host:/app", "host:5000:1/app", "[::1/app", "[::g]:1/app", "[]/app", "[::1]x/app",
            "-a.b/app", "a-.b/app", "a..b/app", "app\u{301}:1", "a/\u{301}b", "app:1\u{301}", "\u{212a}.example/app",
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
