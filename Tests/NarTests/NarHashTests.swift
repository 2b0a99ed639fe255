import Nar
import Testing

@Suite struct NarHashTests {
    /// The empty message. Source: FIPS 180-4; the other forms are Nix's own, by `nix-hash --to-base32` and `nix hash
    /// to-sri`.
    private static let forms = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "sha256:0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73",
        "0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73",
        "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    ]

    @Test(arguments: forms) func allFormsAreOne(_ text: String) throws {
        let hash = try #require(NarHash(text))
        #expect(hash.base16 == Self.forms[0])
        #expect(hash.description == Self.forms[2])
    }

    @Test(arguments: [
        "", "sha256:", "sha1:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85g",
        "sha256:zmdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73",
        "sha256:0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9ce3",
        "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuF",
    ])
    func refused(_ text: String) { #expect(NarHash(text) == nil) }
}
