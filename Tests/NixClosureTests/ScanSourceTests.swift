import NixClosure
import StoreFixture
import SystemCalls
import TestSupport
import Testing

/// What a scan makes of stores that Nix would not build.
@Suite(.serialized) struct ScanSourceTests {
    private static let twin: Path = "/nix/store/11111111111111111111111111111111-twin"
    private let fake: FakeStore

    init() throws { fake = try FakeStore() }

    private func storePath(_ path: Path) throws -> StorePath { try #require(fake.store.storePath(path)) }

    private func add(_ path: Path, _ text: String) throws {
        try TreeBuilder.build(at: fake.root) { try $0.file(ByteString(path.bytes), .text(text)) }
    }

    /// The references of each path of the closure.
    private func closure(of root: Path) throws -> [Path: [Path]] {
        let infos = try ScanSource(fake.store).infos(of: [storePath(root)])
        return Dictionary(
            uniqueKeysWithValues: infos.map { info in
                (fake.store.path(of: info.path), info.references.map(fake.store.path(of:)))
            })
    }

    @Test func aFileAndASymlink() throws {
        #expect(try closure(of: FakeStore.file) == [FakeStore.file: []])
        #expect(
            try closure(of: FakeStore.link) == [FakeStore.link: [FakeStore.directory], FakeStore.directory: []])
    }

    @Test func ofOneHashPartAllAreReferredTo() throws {
        try add(Self.twin, "\(FakeStore.directory)")
        try add(FakeStore.directory.appending("names"), "1111111111111111111111111111111111")
        let found = try closure(of: FakeStore.link)
        #expect(found[FakeStore.directory] == [FakeStore.file, Self.twin])
        #expect(found[Self.twin] == [FakeStore.directory])
        #expect(found.count == 4)
    }

    /// Names below the store's directory, and whether an entry with that name is a store path. The store path
    /// `1111…-file` exists, `3333…-alone` does not.
    private static let alike: [(String, Bool)] = [
        ("\(FakeStore.file.lastComponent).lock", false), ("\(FakeStore.file.lastComponent).check", false),
        ("\(FakeStore.file.lastComponent).old-12-3", false), ("\(FakeStore.file.lastComponent).tmp-12-3", false),
        ("\(FakeStore.file.lastComponent).tmp", false), ("\(FakeStore.file.lastComponent).chroot", false),
        ("\(FakeStore.file.lastComponent).check.lock", true), ("\(FakeStore.file.lastComponent)-2.lock", true),
        ("33333333333333333333333333333333-alone.lock", true), ("33333333333333333333333333333333-alone.check", true),
        ("33333333333333333333333333333333-alone.old-12-3", true),
        ("33333333333333333333333333333333-alone.tmp-1", true),
        ("33333333333333333333333333333333-alone.drv.chroot", true),
        (".links/33333333333333333333333333333333-x", false),
    ]

    @Test(
        "Nix's working files beside a store path are not references, but store paths with similar names are",
        arguments: alike)
    func workingFiles(_ name: String, _ isStorePath: Bool) throws {
        let path = fake.store.directory.appending(Path(name))
        try add(path, "content")
        try add(FakeStore.directory.appending("names"), "\(FakeStore.file) \(path)")
        let found = try closure(of: FakeStore.directory)[FakeStore.directory] ?? []
        #expect(found == ([FakeStore.file] + (isStorePath ? [path] : [])).sorted())
    }

    /// The content and the mode of an entry that is named like a lock without its store path.
    private static let locks: [(text: String, mode: UInt16, isStorePath: Bool)] = [
        ("", 0o600, false), ("d", 0o644, false), ("", 0o444, true), ("content", 0o644, true), ("content", 0o444, true),
    ]

    @Test("a lock without its store path is empty and writable; a store path with such a name is not", arguments: locks)
    func lockAlone(_ lock: (text: String, mode: UInt16, isStorePath: Bool)) throws {
        let (text, mode, isStorePath) = lock
        let path: Path = "/nix/store/33333333333333333333333333333333-alone.lock"
        try TreeBuilder.build(at: fake.root) {
            try $0.file(ByteString(path.bytes), .text(text), Attributes(mode: mode))
        }
        try add(FakeStore.directory.appending("names"), "\(path)")
        #expect(try closure(of: FakeStore.directory)[FakeStore.directory] == (isStorePath ? [path] : []))
    }

    @Test("a sandbox without its derivation is not a reference")
    func sandboxAlone() throws {
        try TreeBuilder.build(at: fake.root) {
            try $0.file("nix/store/33333333333333333333333333333333-x.drv.chroot/root/file", .text(""))
        }
        try add(FakeStore.directory.appending("names"), "33333333333333333333333333333333")
        #expect(try closure(of: FakeStore.directory)[FakeStore.directory] == [])
    }

    @Test func onlyAmongThoseAskedFor() throws {
        try add(FakeStore.directory.appending("names"), "\(FakeStore.file) \(FakeStore.directory)")
        let paths = try [FakeStore.link, FakeStore.directory].map(storePath)
        let infos = try ScanSource(fake.store).infos(ofOnly: paths + paths)
        #expect(infos.map(\.path) == paths.sorted())
        #expect(infos.map(\.references) == [[paths[1]], [paths[1]]])
    }

    @Test func missing() throws {
        let missing = try storePath("/nix/store/33333333333333333333333333333333-missing")
        let scan = ScanSource(fake.store)
        for ask in [scan.infos(of:), scan.infos(ofOnly:)] {
            let error = #expect(throws: ClosureError.self) { try ask([missing]) }
            #expect(error?.path == fake.store.path(of: missing))
        }
    }

    @Test func unreadable() throws {
        let root = try storePath(FakeStore.file)
        let plan: Faults.Plan = { _, call in call == .read ? .accessDenied : nil }
        let error = #expect(throws: ClosureError.self) {
            try Faults.during(plan) { try ScanSource(fake.store).infos(of: [root]) }
        }
        #expect(error?.path == fake.store.physicalPath(of: root))
        #expect(error?.errno == .accessDenied)
        #expect(error?.description.contains("run repot as a user who can read it") == true)
    }

    @Test func unlistable() throws {
        let root = try storePath(FakeStore.file)
        let plan: Faults.Plan = { _, call in call == .getdents ? .accessDenied : nil }
        let error = #expect(throws: ClosureError.self) {
            try Faults.during(plan) { try ScanSource(fake.store).infos(of: [root]) }
        }
        #expect(error?.path == fake.store.physicalDirectory)
    }
}
