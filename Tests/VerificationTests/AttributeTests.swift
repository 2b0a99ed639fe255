import SystemCalls
import TestSupport
import Testing
import Verification

/// Extended attributes, capabilities and ACLs of a store path.
@Suite(.enabled(if: OrdinaryUser.isRoot)) struct AttributeTests {
    private let staged: StagedStore

    init() throws { staged = try StagedStore() }

    /// Sets an attribute of an entry itself. A filter of system calls or a file system may refuse that.
    private func set(_ name: ByteString, _ value: ByteString = "1", of path: ByteString) throws {
        try Command.succeed(["setfattr", "-h", "-n", name, "-v", value, staged.place(path)])
        try Command.succeed(["touch", "-h", "-d", "@1", staged.place(path)])
    }

    @Test(
        "an attribute of a file, a directory or a symlink is named",
        arguments: [
            ("user.note", StagedStore.file, "file "), ("user.note", StagedStore.app / "share", "app share"),
            ("trusted.note", StagedStore.app / "bin/lib", "app bin/lib"),
            ("security.other", StagedStore.library / "lib/lib.so", "library lib/lib.so"),
        ] as [(ByteString, ByteString, String)])
    func attribute(_ name: ByteString, _ path: ByteString, _ place: String) throws {
        try set(name, of: path)
        #expect(try staged.findings() == ["attribute \(place)"])
        let finding = try #require(try staged.report().findings.first)
        #expect(finding.text(in: staged.store).contains("has the extended attribute '\(name)'"))
        #expect(finding.isDamage)
    }

    @Test("a file capability is named")
    func capability() throws {
        let value: ByteString = "0x0100000280000000000000000000000000000000"
        try set("security.capability", value, of: StagedStore.app / "bin/program")
        #expect(try staged.findings() == ["attribute app bin/program"])
    }

    @Test("an ACL is named, also one that does not change the mode, and a default ACL")
    func accessLists() throws {
        let (file, directory) = (staged.place(StagedStore.file), staged.place(StagedStore.app / "share"))
        try Command.succeed(["setfacl", "-m", "u:1500:r", file])
        try Command.succeed(["setfacl", "-d", "-m", "u:1500:rx", directory])
        #expect(try staged.findings() == ["attribute app share", "attribute file "])
    }

    @Test(
        "labels and signatures of security modules, and the state of an overlay are no findings",
        arguments: [
            "security.selinux", "security.ima", "security.SMACK64", "trusted.overlay.origin", "user.overlay.impure",
            "user.rootlesscontainers",
        ] as [ByteString])
    func exempt(_ name: ByteString) throws {
        do { try set(name, of: StagedStore.file) } catch {
            // A kernel with the module, or a file system, may refuse the name.
            return
        }
        #expect(try staged.findings() == [])
    }
}
