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
