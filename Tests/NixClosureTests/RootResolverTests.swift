import NixClosure
import StoreFixture
import SystemCalls
import TestSupport
import Testing

@Suite struct RootResolverTests {
    private let fake: FakeStore

    init() throws { fake = try FakeStore() }

    /// What the operand resolves to, as references name it.
    private func resolve(_ operand: Path) throws -> Path {
        fake.store.path(of: try RootResolver(fake.store).resolve(operand))
    }

    @Test(arguments: FakeStore.all)
    func storePathIsItself(_ path: Path) throws { #expect(try resolve(path) == path) }

    @Test func storePathByWhereItReallyIs() throws {
        #expect(
            try resolve(Path(fake.root).appending("nix/store/11111111111111111111111111111111-file")) == FakeStore.file)
    }

    @Test(arguments: ["/", "/.", "//", "/bin/.."])
    func detours(_ detour: String) throws {
        let path = Path("\(FakeStore.directory)\(detour)")
        #expect(try RootResolver(fake.store).resolve(path).storePath.baseName == FakeStore.directory.lastComponent)
    }

    @Test func leavingOneStorePathForAnother() throws {
        let path = Path("\(FakeStore.directory)/../\(FakeStore.file.lastComponent)")
        #expect(try resolve(path) == FakeStore.file)
    }

    @Test func chainOfLinksIntoTheStore() throws {
        _ = try fake.link("third", to: "\(FakeStore.directory)")
        _ = try fake.link("second", to: "../links/third")
        let first = try fake.link("first", to: fake.scratch / "links/second")
        #expect(try resolve(first) == FakeStore.directory)
        let inside = first.appending("bin/program")
        #expect(try resolve(inside) == FakeStore.directory.appending("bin/program"))
    }

    @Test func storePathThatIsALinkIsNotFollowed() throws {
        #expect(try resolve(FakeStore.link.appending("bin/program")) == FakeStore.link.appending("bin/program"))
    }

    @Test func linksOfTheRootMeanPathsBelowIt() throws {
        try TreeBuilder.build(at: fake.root) { tree in
            try tree.symbolicLink("profiles/now", to: "/profiles/one")
            try tree.symbolicLink("profiles/one", to: "\(FakeStore.file)")
        }
        #expect(try resolve(Path(fake.root / "profiles/now")) == FakeStore.file)
    }

    private static let profile: Path = "/nix/store/44444444444444444444444444444444-profile"

    /// An operand, the store path that it means as a root, and its location in the first store path on the way.
    private static let leading: [(operand: Path, root: Path, location: Path)] = [
        ("links/profile", profile, profile),
        ("links/profile/bin/program", FakeStore.directory, profile.appending("bin/program")),
        ("links/profile/bin/alias", FakeStore.directory, profile.appending("bin/alias")),
        ("links/profile/bin/../bin/program/", FakeStore.directory, profile.appending("bin/../bin/program")),
        ("links/program", FakeStore.directory, profile.appending("bin/program")),
        ("links/profile/link", FakeStore.link, profile.appending("link")),
        ("links/profile/directories", FakeStore.directory, profile.appending("directories")),
        ("links/profile/below", FakeStore.file, profile.appending("below")),
        ("root/run/profile/bin/program", FakeStore.directory, profile.appending("bin/program")),
        // A link outside the store ends the path.
        ("links/toLink", FakeStore.link, FakeStore.link),
        ("links/toProgram", profile, profile.appending("bin/program")),
        // The text of the target leads to the store through a symlink.
        ("links/toAlias", FakeStore.directory, profile.appending("bin/alias")),
        ("links/upwards", FakeStore.directory, profile.appending("directories/../bin/program")),
        // The last component is not a symlink.
        ("links/profile/bin", profile, profile.appending("bin")),
        ("links/profile/file", profile, profile.appending("file")),
        ("links/profile/directories/program", profile, profile.appending("directories/program")),
        // The text is in the store.
        (Path("root\(profile)/bin/program"), profile, profile.appending("bin/program")),
        (Path("links/root\(profile)/bin/program"), FakeStore.directory, profile.appending("bin/program")),
        (Path("root\(FakeStore.link)"), FakeStore.link, FakeStore.link),
    ]

    /// Adds a profile, whose entries are links into other store paths, and links to it.
    private func addProfile() throws {
        let profile = ByteString(Self.profile.bytes)
        try TreeBuilder.build(at: fake.root) { tree in
            try tree.symbolicLink(profile + "/bin/program", to: "\(FakeStore.directory)/bin/program")
            try tree.symbolicLink(profile + "/bin/alias", to: "../bin/./program")
            try tree.symbolicLink(profile + "/link", to: "\(FakeStore.link)")
            try tree.symbolicLink(profile + "/directories", to: "\(FakeStore.directory)/bin")
            // An absolute link of a store below another root.
            try tree.symbolicLink(profile + "/below", to: "/run/file")
            try tree.symbolicLink(profile + "/loop", to: "loop")
            try tree.symbolicLink(profile + "/outside", to: "/usr")
            try tree.symbolicLink(profile + "/dangling", to: "missing")
            try tree.file(profile + "/file", .text("file"))
            try tree.symbolicLink("run/file", to: "\(FakeStore.file)")
            try tree.symbolicLink("run/profile", to: profile)
        }
        _ = try fake.link("profile", to: profile)
        _ = try fake.link("program", to: "profile/bin/program")
        _ = try fake.link("toLink", to: "\(FakeStore.link)")
        _ = try fake.link("toProgram", to: "\(Self.profile)/bin/program")
        _ = try fake.link("toAlias", to: "root\(Self.profile)/bin/alias")
        // Nix removes `directories` from the text; the kernel leaves the directory that it leads to.
        _ = try fake.link("upwards", to: "profile/directories/../bin/program")
        _ = try fake.link("root", to: fake.root)
    }

    @Test(
        "a link in a profile means the store path that it leads to; its location is in the profile", arguments: leading)
    func linksInProfiles(_ row: (operand: Path, root: Path, location: Path)) throws {
        try addProfile()
        let resolver = RootResolver(fake.store)
        let operand = Path(fake.scratch.path).appending(row.operand)
        #expect(fake.store.path(of: try resolver.resolve(operand).storePath) == row.root)
        #expect(fake.store.path(of: try resolver.location(of: operand)) == row.location)
        let inStore = Self.profile.appending("bin/program")
        #expect(try resolve(inStore) == inStore)
    }

    @Test("a link in a profile that leads out of the store, to nothing or to itself is refused as a root")
    func linksThatLeadNowhere() throws {
        try addProfile()
        for (name, errno) in [("loop", Errno.loop), ("outside", .notFound), ("dangling", nil)] as [(Path, Errno?)] {
            let operand = Path(fake.scratch / "links/profile").appending(name)
            let error = #expect(throws: ClosureError.self) { try resolve(operand) }
            #expect(error?.errno == errno, "\(error?.description ?? "")")
            #expect(
                fake.store.path(of: try RootResolver(fake.store).location(of: operand)) == Self.profile.appending(name))
        }
    }

    @Test func loop() throws {
        let link = try fake.link("loop", to: "loop")
        let error = #expect(throws: ClosureError.self) { try resolve(link) }
        #expect(error?.errno == .loop)
        #expect(error?.path == link)
    }

    @Test func loopInsideAStorePathIsAPlace() throws {
        #expect(try resolve(FakeStore.directory.appending("loop")) == FakeStore.directory.appending("loop"))
        #expect(throws: ClosureError.self) { try resolve(FakeStore.directory.appending("loop/x")) }
    }

    @Test(
        arguments: [
            "", "/", "/usr", "/nix/store", "/no/such", "/nix/store/no-store-path",
            "/nix/store/33333333333333333333333333333333-missing",
            "/nix/store/00000000000000000000000000000000-directory/missing",
            "/nix/store/11111111111111111111111111111111-file/below",
            "/nix/store/../../usr",
        ] as [Path])
    func refused(_ path: Path) throws {
        let error = #expect(throws: ClosureError.self) { try resolve(path) }
        #expect(error.map { $0.description.contains(path.lastComponent.description) } == true)
    }

    @Test func danglingLinkNamesTheStorePath() throws {
        let missing: Path = "/nix/store/33333333333333333333333333333333-missing"
        let link = try fake.link("result", to: "\(missing)")
        let error = #expect(throws: ClosureError.self) { try resolve(link) }
        #expect(error?.path == missing)
    }
}

@Suite struct StoreTests {
    @Test(arguments: ["", "/", "nix/store", "/nix/../store", "."] as [Path])
    func refused(_ directory: Path) {
        #expect(throws: ClosureError.self) { try Store(directory: directory, root: nil) }
    }

    @Test func places() throws {
        let store = try Store(directory: "//nix/./store/", root: "/elsewhere/")
        #expect(store.directory == "/nix/store")
        #expect(store.physicalDirectory == "/elsewhere/nix/store")
        let relative = try Store(directory: "/nix/store", root: "elsewhere")
        #expect(relative.root == (try ProcessState.workingDirectory()).appending("elsewhere"))
    }
}
