import ImageVerification
import SystemCalls
import Tar
import TestSupport
import Testing

/// Images as other tools write them.
@Suite(.serialized) struct ForeignImageTests {
    /// On CI it has to be there.
    private static func isMissing(_ tool: ByteString) -> Bool {
        let isThere = (try? Command.run([tool, "--version"]))?.status == 0
        return !isThere && Command.inheritedEnvironment["CI"] == nil
    }

    static let hasSkopeo = !isMissing("skopeo")
    static let hasUmoci = !isMissing("umoci")

    /// Layers such as those of 'nix-store --gc' in a Dockerfile.
    @Test(
        "a store path that a layer removes is absent, and a store path of which it removes a part is reported",
        .enabled(if: hasUmoci, "umoci is not installed"),
        arguments: [
            ("file", ["absent file"]), ("app/bin", ["hides /nix/store/\(TestImage.app)/.wh.bin", "twice app"]),
            ("app", ["absent app"]),
        ])
    func removedStorePaths(_ removed: String, _ findings: [String]) throws {
        let image = try TestImage()
        let name = try #require(TestImage.all.first { $0.hasSuffix("-" + removed.split(separator: "/")[0]) })
        let rest = removed.split(separator: "/").dropFirst().map { "/" + $0 }.joined()
        try Command.succeed([
            "umoci", "insert", "--image", image.layout + ":latest", "--whiteout",
            ByteString("/nix/store/\(name)\(rest)"),
        ])
        let found = try image.findings()
        #expect(found == findings, "\(found)")
    }

    private func copy(_ image: TestImage, to reference: String) throws {
        try Command.succeed([
            "skopeo", "--tmpdir", image.scratch / "lists", "copy", "--quiet", "--insecure-policy",
            ByteString(image.reference + ":latest"), ByteString(reference),
        ])
    }

    @Test(
        .enabled(if: hasSkopeo, "skopeo is not installed"),
        arguments: ["oci", "oci-archive", "docker-archive"], ImageVerificationTests.compressions)
    func ofSkopeo(_ form: String, _ compression: ArchiveCompression) throws {
        // skopeo 1.9 unpacks no zstd for Docker.
        if form == "docker-archive", case .zstd = compression { return }
        let image = try TestImage(compression)
        let place = "\(form):\(image.scratch / "copy"):example/copy:1"
        let reference = form == "docker-archive" ? place : "\(form):\(image.scratch / "copy"):latest"
        try copy(image, to: reference)
        let report = try image.report(reference)
        #expect(report.findings == [])
        #expect(report.unchecked == [])
        #expect(report.storePaths == TestImage.all.count)
        #expect(report.blobs == 2)
    }

    @Test(.enabled(if: hasSkopeo, "skopeo is not installed"), arguments: ["oci-archive", "docker-archive"])
    func damageInAnArchive(_ form: String) throws {
        let image = try TestImage()
        let place = "\(form):\(image.scratch / "copy")"
        try copy(image, to: form == "docker-archive" ? "\(place):example/copy:1" : place)
        // In the content of a file, or in the middle of a layer that skopeo has packed.
        try Command.succeed([
            "python3", "-c",
            "import sys; f = open(sys.argv[1], 'r+b'); d = bytearray(f.read()); i = max(d.find(b'the same'), len(d) // 2); "
                + "d[i] ^= 1; f.seek(0); f.write(d)", image.scratch / "copy",
        ])
        let findings = try image.findings(place) { $0.takesAll = true }
        #expect(!findings.isEmpty)
        let kinds: Set = ["digest", "diff-id", "content", "unreadable"]
        #expect(findings.filter { !kinds.contains(String($0.prefix { $0 != " " })) } == [])
    }

    /// It writes layers in an order of its own.
    @Test(.enabled(if: hasUmoci, "umoci is not installed")) func ofUmoci() throws {
        let image = try TestImage()
        let name = image.layout + ":latest"
        let bundle = image.scratch / "bundle"
        try Command.succeed(["umoci", "unpack", "--rootless", "--image", name, bundle])
        try Command.succeed(["sh", "-c", "mkdir \"$0\" && echo more > \"$0/more\"", bundle / "rootfs/etc"])
        try Command.succeed(["umoci", "repack", "--image", image.layout + ":more", bundle])
        let report = try image.report(image.reference + ":more")
        #expect(report.findings == [])
        #expect(report.blobs == 3)
        try Command.succeed([
            "sh", "-c", "chmod u+w \"$0\" && echo more > \"$0/more\"",
            bundle / "rootfs/nix/store" / ByteString(TestImage.app),
        ])
        try Command.succeed(["umoci", "repack", "--image", image.layout + ":altered", bundle])
        let altered = try image.report(image.reference + ":altered")
        #expect(altered.unchecked.isEmpty)
        #expect(altered.findings.map { "\($0.kind) \($0.subject)" } == ["twice /nix/store/\(TestImage.app)"])
    }
}
