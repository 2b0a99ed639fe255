import NixClosure
import StoreFixture
import SystemCalls
import Testing

@Suite struct PackageTests {
    /// What `nix-instantiate --eval -E 'builtins.parseDrvName "..."'` says.
    @Test(arguments: [
        ("hello-2.12.1", "hello", "2.12.1"), ("gcc-13.2.0-lib", "gcc", "13.2.0-lib"),
        ("font-util-1.3.1", "font-util", "1.3.1"), ("source", "source", ""), ("lib-a-b", "lib-a-b", ""),
        ("nss-cacert-3.98-p11kit", "nss-cacert", "3.98-p11kit"), ("a-_1", "a", "_1"),
    ])
    func names(_ text: String, _ name: String, _ version: String) throws {
        let package = PackageName(try StorePath(named: text))
        #expect(package.name == name)
        #expect(package.version == version)
    }

    @Test(
        arguments: [
            ("zlib-1.3-dev", BuildTimeSuspect.developmentOutput), ("stdenv-linux", .buildEnvironment),
            ("gcc-13.2.0", .compiler),
            ("gcc-wrapper-13.2.0", .compiler), ("gcc-13.2.0-lib", nil), ("gcc-13.2.0-libgcc", nil),
            ("source", .sources),
            ("hello-2.12.1.tar.gz", .sources), ("nixpkgs-source", .sources), ("hello-2.12.1.drv", .derivation),
            ("hello-2.12.1", nil),
            ("cmake-3.28.3", .buildTool), ("go-1.22", .compiler), ("gogs-0.13", nil),
        ] as [(String, BuildTimeSuspect?)])
    func suspects(_ name: String, _ suspect: BuildTimeSuspect?) throws {
        #expect(BuildTimeSuspect(try StorePath(named: name)) == suspect)
    }

    @Test func differences() throws {
        let old = [
            try PathInfo("same-1", size: 1), try PathInfo("gone-1", size: 20), try PathInfo("new-1.0", size: 300),
            try PathInfo("rebuilt-1", size: 4000),
        ]
        let other = try #require(StorePath(baseName: "11111111111111111111111111111111-rebuilt-1"))
        var rebuilt = PathInfo(other, references: [])
        rebuilt.narSize = 4001
        let new = [
            try PathInfo("same-1", size: 1), try PathInfo("new-1.1", size: 350), try PathInfo("more-2", size: 5),
            rebuilt,
        ]
        let diff = ClosureDiff(from: old, to: new)
        #expect(
            diff.rows.map { "\($0.name) \($0.change) \($0.before) \($0.now) \($0.bytes)" } == [
                "gone removed [\"1\"] [] -20", "more added [] [\"2\"] 5", "new changed [\"1.0\"] [\"1.1\"] 50",
                "rebuilt rebuilt [\"1\"] [\"1\"] 1",
            ])
        #expect(diff.bytes == 36)
        #expect(diff.common == 1)
    }
}
