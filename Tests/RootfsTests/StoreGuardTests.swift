import NixClosure
import Rootfs
import StoreFixture
import SystemCalls
import TestSupport
import Testing
import TreeCopy

/// No write, chmod, chown or utimes ever reaches the store.
@Suite struct StoreGuardTests {
    private let fake: FakeStore

    init() throws {
        fake = try FakeStore()
        // As Nix has it: anything but what repot would make of it.
        try Command.succeed(["chmod", "1775", fake.root / "nix/store"])
    }

    @Test(
        arguments: [
            "root", "root/nix/store", "root/nix/store/new", "root/nix/store/00000000000000000000000000000000-directory",
            "root/nix/store/00000000000000000000000000000000-directory/new", "around/to", "around/to/nix/store/new",
        ] as [ByteString])
    func refused(_ destination: ByteString) throws {
        try TreeBuilder.build(at: fake.scratch.path) { try $0.symbolicLink("around/to", to: fake.root) }
        let before = try InodeState.all(below: fake.root)
        #expect(throws: RootfsConflicts.self) { try RootfsPlan(try fake.spec(to: destination)) }
        #expect(try InodeState.all(below: fake.root) == before)
    }

    @Test func besideTheStoreIsAllowed() throws {
        let before = try InodeState.all(below: fake.root / "nix/store")
        #expect(try fake.stage(try fake.spec(to: "root/nix/out")).errors == [])
        #expect(try InodeState.all(below: fake.root / "nix/store") == before)
    }
}
