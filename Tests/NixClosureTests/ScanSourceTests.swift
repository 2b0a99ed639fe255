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

    /// `.links` is no store path, nor is what has a store path's name and `.lock` behind it.
    @Test func whatElseIsInAStore() throws {
        try add(Path("\(FakeStore.file).lock"), "")
        try add(Path("/nix/store/.links/\(FakeStore.link.lastComponent)"), "")
        try add("/nix/store/33333333333333333333333333333333-alone.lock", "")
        try add(
            FakeStore.directory.appending("names"),
            "\(FakeStore.file) .links 33333333333333333333333333333333-alone.lock")
        #expect(
            try closure(of: FakeStore.directory)[FakeStore.directory]
                == [FakeStore.file, "/nix/store/33333333333333333333333333333333-alone.lock"] as [Path])
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
        #expect(error?.description.contains("run repot as somebody who may read it") == true)
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
