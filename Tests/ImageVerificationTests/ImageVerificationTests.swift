import Image
import ImageVerification
import Nar
import NixClosure
import SystemCalls
import Tar
import TestSupport
import Testing

/// What is found in an image that is not as it should be.
@Suite(.serialized) struct ImageVerificationTests {
    static let compressions = [ArchiveCompression.none, .gzip(level: 1), .zstd(level: 1)]

    @Test(arguments: compressions) func nothingInAnImageOfRepots(_ compression: ArchiveCompression) throws {
        let report = try TestImage(compression).report()
        #expect(report.findings == [])
        #expect(report.unchecked == [])
        #expect(report.storePaths == TestImage.all.count)
        #expect(report.blobs == 2)
        #expect(report.isClean)
    }

    @Test func theImageItselfSaysWhatItShouldHold() throws {
        let report = try TestImage(registers: true).report(against: nil)
        #expect(report.origins == ["its registration"])
        #expect(report.unchecked == [])
        #expect(report.isClean)
    }

    @Test("without documents and a database, the store paths are compared with the store's files, if it has them")
    func comparesWithFilesOfStore() throws {
        let image = try TestImage()
        let intact = try image.report(against: nil)
        #expect(intact.isClean && intact.unchecked == [] && intact.origins == ["the store's files"])
        let path = image.scratch / "root/nix/store" / ByteString(TestImage.app)
        try Command.succeed(["sh", "-c", "chmod u+w \"$0\" && echo more >\"$0/more\"", path])
        #expect(try image.findings(against: nil) == ["content app"])
        try Command.succeed(["rm", "-rf", image.scratch / "root"])
        let absent = try image.report(against: nil)
        #expect(absent.isClean && absent.unchecked.count == TestImage.all.count)
    }

    @Test(arguments: compressions) func aFlippedByteInAnyBlob(_ compression: ArchiveCompression) throws {
        for kind in 0..<4 {
            let image = try TestImage(compression)
            let blobs = try image.blobs
            let digest = ([blobs.manifest, blobs.config] + blobs.layers)[kind]
            // In the padding of names of an uncompressed layer nothing but the digest tells.
            try image.flip(digest, at: kind < 2 ? 2 : 300)
            let found = try image.report().findings.filter { $0.kind == "digest" }
            #expect(found.map(\.subject) == ["\(digest)"])
            #expect(found.allSatisfy { $0.remedy.contains("--no-cache") })
        }
    }

    @Test("modes that a store cannot have are reported in layers whose annotation lists store paths")
    func modesThatNoStoreHas() throws {
        let image = try TestImage(mode: "644")
        #expect(try image.findings() == [])
        try image.replace(try image.blobs.manifest) {
            $0.replacing(
                "layer.v1.tar\"", with: "layer.v1.tar\",\"annotations\":{\"io.repot.store-paths\":\"\"}")
        }
        let report = try image.report()
        #expect(report.findings.map(\.kind) == ["mode"])
        #expect(report.findings.first?.text.contains("/\(TestImage.app)/empty' with 644") == true)
    }

    @Test func aMissingBlob() throws {
        for kind in 0..<4 {
            let image = try TestImage()
            let blobs = try image.blobs
            let digest = ([blobs.manifest, blobs.config] + blobs.layers)[kind]
            try image.remove(digest)
            #expect(try image.report().findings.contains { $0.kind == "missing" && $0.subject == "\(digest)" })
        }
    }

    @Test func aBlobThatIsCutOff() throws {
        let image = try TestImage()
        let layer = try image.blobs.layers[1]
        try image.write(Array(try image.content(layer).dropLast(512)), "blobs/sha256" / ByteString(layer.hex))
        #expect(try image.findings().filter { $0.hasSuffix("blob") } == ["digest blob", "size blob"])
    }

    @Test func aWrongSizeInTheManifest() throws {
        let image = try TestImage()
        let blobs = try image.blobs
        let size = try image.content(blobs.layers[0]).count
        try image.replace(blobs.manifest) { $0.replacing("\"size\":\(size)", with: "\"size\":\(size + 1)") }
        #expect(try image.findings() == ["size blob"])
    }

    @Test(arguments: compressions) func aWrongDiffID(_ compression: ArchiveCompression) throws {
        let image = try TestImage(compression)
        let config = try image.blobs.config
        let diffID = try #require(TestImage.digests(in: try image.content(config)).first)
        try image.replace(config) { $0.replacing("\(diffID)", with: "sha256:" + String(repeating: "5", count: 64)) }
        #expect(try image.findings() == ["diff-id blob"])
    }

    @Test func aDiffIDTooFew() throws {
        let image = try TestImage()
        let config = try image.blobs.config
        let diffID = try #require(TestImage.digests(in: try image.content(config)).first)
        try image.replace(config) { $0.replacing("\"\(diffID)\",", with: "") }
        #expect(try image.findings().contains("count blob"))
    }

    @Test func aTypeThatTheBytesContradict() throws {
        let image = try TestImage()
        try image.replace(try image.blobs.manifest) {
            $0.replacing("layer.v1.tar\"", with: "layer.v1.tar+gzip\"")
        }
        #expect(try image.findings() == ["media-type blob", "media-type blob"])
    }

    @Test("a manifest with only layers of unknown media types is no image, which is a finding")
    func unknownMediaTypes() throws {
        let image = try TestImage()
        try image.replace(try image.blobs.manifest) { $0.replacing("layer.v1.tar\"", with: "layer.v1.zip\"") }
        let report = try image.report()
        #expect(report.findings.map(\.kind) == ["no-image"])
        #expect(report.images == 0 && report.blobs == 3)
    }

    @Test func anotherPlatform() throws {
        let image = try TestImage()
        try image.replace(try image.blobs.config) { $0.replacing("amd64", with: "arm64") }
        #expect(try image.findings() == ["platform blob"])
    }

    @Test func documentsThatAreNone() throws {
        let image = try TestImage()
        try image.replace(try image.blobs.config) { _ in "{\"rootfs\":" }
        #expect(try image.findings().contains("malformed blob"))
        try image.write(Array("[]".utf8), "index.json")
        #expect(try image.findings() { $0.takesAll = true } == ["malformed index.json"])
    }

    @Test func aPathInTwoLayers() throws {
        let image = try TestImage(layers: [TestImage.all, [TestImage.file]])
        let report = try image.report()
        #expect(report.findings.map(\.kind) == ["twice"])
        #expect(report.findings.map(\.subject) == ["/nix/store/\(TestImage.file)"])
    }

    /// All digests are right: only Nix's hash tells.
    @Test(arguments: compressions) func alteredContentInTheImage(_ compression: ArchiveCompression) throws {
        let image = try TestImage(compression, altered: ByteString(TestImage.app) / "lib-b")
        let report = try image.report()
        #expect(report.findings.map(\.kind) == ["content"])
        #expect(report.findings.map(\.subject) == ["/nix/store/\(TestImage.app)"])
    }

    @Test func aStorePathTooFewAndOneTooMany() throws {
        let image = try TestImage(layers: [[TestImage.app], [TestImage.library]])
        #expect(try image.findings() == ["absent file", "absent link"])
        let others = try TestImage()
        try TreeBuilder.build(at: others.scratch / "others") {
            try $0.file("list", .text("/nix/store/\(TestImage.app)\n"))
        }
        try Command.succeed(["mv", others.scratch / "others/list", others.scratch / "lists/list"])
        #expect(try others.findings(against: "list") == ["unknown file", "unknown library", "unknown link"])
    }

    @Test func noImageOfThatName() throws {
        let image = try TestImage()
        #expect(throws: PathError.self) { try image.report(image.reference + ":other") }
        #expect(throws: PathError.self) { try image.report("oci:/usr") }
    }

    @Test func aRunThatIsEnded() throws {
        let image = try TestImage()
        let reference = try #require(ImageReference(image.reference))
        let report = try ImageVerification(of: reference, in: image.store, isCancelled: { true }).run()
        #expect(report.wasCancelled)
        #expect(!report.isClean)
    }
}
