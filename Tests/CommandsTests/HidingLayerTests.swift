import SystemCalls
import TestSupport
import Testing

/// Images whose upper layer hides or replaces a store path of the layer below, without a trace in its other layers.
@Suite struct HidingLayerTests {
    private let scratch: Scratch
    private static let app = "nix/store/00000000000000000000000000000001-app"
    private static let below = """
        d 755 0:0 1 nix
        d 755 0:0 1 nix/store
        d 555 0:0 1 \(app)
        f 444 0:0 1 \(app)/file good
        """

    init() throws {
        scratch = try Scratch()
        try TreeBuilder.build(at: scratch.path) { tree in
            try tree.file("list", .text("/\(Self.app)\n"))
            try tree.file(ByteString("s/\(Self.app)/file"), .text("good"))
        }
        let seal: ByteString = """
            find s -type f -exec chmod 444 {} +
            chmod 555 s/nix/store/*
            find s -exec touch -hd @1 {} +
            """
        try Command.succeed(["sh", "-ec", seal], directory: scratch.path)
        let staged = try run(["stage", "-q", "--registration", "--store-root", "s", "--closure", "list", "out"])
        try #require(staged.status == 0, "\(staged.errorText)")
    }

    private func run(_ arguments: [ByteString]) throws -> CommandResult {
        try Repot.run(arguments, directory: scratch.path, environment: ["XDG_CACHE_HOME": scratch / "cache"])
    }

    private func save(_ layers: String) throws {
        try Command.succeed(
            ["sh", "-c", "echo \"$1\" | python3 \"$0\" save base.tar", LayerScript.path, ByteString(layers)],
            directory: scratch.path)
    }

    /// An upper layer, and a part of the message of `verify`.
    private static let hiding: [(String, String)] = [
        ("f 644 0:0 1 .wh.nix", "no layer has it"), ("f 644 0:0 1 nix/.wh.store", "no layer has it"),
        ("f 644 0:0 1 nix/.wh..wh..opq", "no layer has it"),
        ("f 644 0:0 1 nix/store/.wh..wh..opq", "no layer has it"), ("f 644 0:0 1 nix file", "no layer has it"),
        ("l 777 0:0 1 nix elsewhere", "no layer has it"), ("f 644 0:0 1 \(app)/.wh.file", "hides what is below"),
        ("f 444 0:0 1 \(app)/file evil", "is in two layers"),
        ("l 777 0:0 1 x \(app)\nf 444 0:0 1 x/file evil", "programs unpack to different locations"),
        ("l 777 0:0 1 x /nix\nl 777 0:0 1 y x/store\nf 444 0:0 1 y/other/file evil", "programs unpack to different"),
    ]

    @Test(
        "verify reports a layer that hides the store, and an image on that base is right or refused",
        arguments: hiding)
    func hiddenStoresAreReported(_ upper: String, _ message: String) throws {
        let expected: [ByteString] = ["--store-root", "s", "--closure", "out/nix-path-registration"]
        try save(Self.below)
        #expect(try run(["verify", "-q"] + expected + ["docker-archive:base.tar"]).status == 0)
        try save("\(Self.below)\n\n\(upper)")
        let result = try run(["verify"] + expected + ["docker-archive:base.tar"])
        #expect(result.status == 1 && result.errorText.contains(message), "\(result.errorText)")
        let image = try run(["image", "-q", "--base", "docker-archive:base.tar", "-o", "oci:image:t"] + expected)
        if image.status == 0 {
            let verified = try run(["verify"] + expected + ["oci:image:t"])
            #expect(verified.status == 0, "\(verified.errorText)")
        } else {
            #expect(image.errorText.contains("the base"), "\(image.errorText)")
        }
    }
}
