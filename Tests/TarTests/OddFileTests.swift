import SystemCalls
import TestSupport
import Testing

@testable import Tar

/// Files whose metadata and listings are not what they seem.
@Suite(.serialized) struct OddFileTests {
    private let scratch: Scratch
    private var tar: ByteString { scratch / "a.tar" }
    private var back: ByteString { scratch / "back" }

    init() throws { scratch = try Scratch() }

    /// The content of one file by GNU tar.
    private func content(of name: ByteString) throws -> [UInt8] {
        try Command.succeed(["tar", "-xOf", tar, name]).output
    }

    /// The content of a file by cat(1), which reads to the end.
    private func content(at path: ByteString) throws -> [UInt8] { try Command.succeed(["cat", path]).output }

    private func write(only file: ByteString) throws {
        let item = ArchiveItem("file", .tree(Path(file)))
        #expect(try TarWriter([item]).write(to: .file(Path(tar))).files == 1)
    }

    @Test(
        "a file of procfs or sysfs is archived with its content, whatever its size says",
        arguments: [
            "/proc/sys/kernel/pid_max", "/proc/sys/kernel/random/boot_id", "/proc/cpuinfo", "/proc/kallsyms",
            "/sys/kernel/mm/transparent_hugepage/enabled", "/sys/block/loop0/size", "/sys/kernel/profiling",
        ] as [ByteString]
    ) func readsToTheEnd(_ path: ByteString) throws {
        guard let expected = try? content(at: path) else { return }
        try write(only: path)
        #expect(try content(of: "file") == expected)
    }

    @Test("a file of unknown size that is too large for memory is archived by way of a temporary file")
    func spools() throws {
        guard OrdinaryUser.isRoot else { return }
        let path: ByteString = "/proc/kallsyms"
        let expected = try content(at: path)
        #expect(expected.count > 1 << 20)
        try write(only: path)
        #expect(try content(of: "file") == expected)
    }

    @Test("a device that is mounted over a file is archived as a device")
    func archivesWhatIsMounted() throws {
        guard OrdinaryUser.isRoot else { return }
        let tree = scratch / "tree"
        try TreeBuilder.build(at: tree) { tree in
            try tree.file("conf")
            try tree.file("other", .text("other"))
        }
        try Command.succeed(["mount", "--bind", "/dev/null", tree / "conf"])
        defer { _ = try? Command.run(["umount", tree / "conf"]) }
        try archive(tree, to: tar)
        let listing = try Command.succeed(["tar", "-tvf", tar]).outputText
        #expect(listing.contains("crw-rw-rw- 0/0             1,3 1970-01-01 00:00 conf"), "\(listing)")
    }

    @Test("types and sizes that a file system reports wrongly do not change the archive")
    func correctsWhatIsReported() throws {
        guard let mount = try OddMount.lying() else { return }
        try archive(mount.path, to: tar)
        _ = try ArchiveReader.gnu.extract(tar, into: back)
        for name in ["zero", "longer", "shorter", "now", "largeshort", "largelong", "directory/in"] as [ByteString] {
            #expect(try content(at: back / name) == content(at: mount.path / name), "\(name)")
        }
        for name in ["link", "directory/link"] as [ByteString] {
            #expect(try Command.succeed(["readlink", back / name]).outputText == "target\n")
        }
    }

    @Test("files whose sizes have a sum beyond 64 bits end the archive with an error that names one of them")
    func refusesSizesWithoutASum() throws {
        guard let memory = try FileSystemMatrix.require(.tmpfs)?.scratch() else { return }
        for name in ["tree/a", "tree/b"] as [ByteString] {
            try Command.succeed(["mkdir", "-p", memory / "tree"])
            try Command.succeed(["truncate", "-s", "9223372036854771711", memory / name])
        }
        let error = #expect(throws: ArchiveError.self) {
            try archive(memory / "tree", to: "/dev/null") { $0.hardLinks = .break }
        }
        #expect(error?.errno == .tooBig && error?.path.hasPrefix(Path(memory / "tree")) == true, "\(error as Any)")
    }

    @Test("a file that is written to while it is read ends the archive")
    func refusesChanges() throws {
        let tree = scratch / "tree"
        try TreeBuilder.build(at: tree) { try $0.file("file", .pattern(size: 200_000)) }
        let error = #expect(throws: ArchiveError.self) {
            try Faults.during({ _, call in
                if call == .write { _ = try? Command(["touch", "-d", "@5", tree / "file"]).run() }
                return nil
            }) { try archive(tree, to: tar) { $0.workers = 1 } }
        }
        #expect(error?.path == Path(tree / "file"))
    }
}

/// Extended attributes that have no meaning on other machines, or cannot be read.
@Suite(.serialized) struct AttributePolicyTests {
    private let scratch: Scratch
    private var tree: ByteString { scratch / "tree" }

    init() throws {
        scratch = try Scratch()
        try TreeBuilder.build(at: tree) { tree in
            try tree.file("file", .text("content"), Attributes(extended: ["user.one": [1]]))
        }
    }

    @Test("an attribute value that cannot be read is an error that names the file")
    func reportsUnreadableValues() throws {
        let error = #expect(throws: ArchiveError.self) {
            try Faults.during({ _, call in call == .getAttribute ? .accessDenied : nil }) {
                try archive(tree, to: scratch / "a.tar")
            }
        }
        #expect(error == ArchiveError(.readAttributes, .accessDenied, Path(tree / "file")))
    }

    @Test(
        "attributes that cannot be listed are an error that names the entry",
        arguments: [Errno.notPermitted, .notImplemented, .invalid, .inputOutput])
    func reportsUnreadableLists(_ errno: Errno) throws {
        let error = #expect(throws: ArchiveError.self) {
            try Faults.during({ _, call in call == .listAttributes ? errno : nil }) {
                try archive(tree, to: scratch / "a.tar")
            }
        }
        #expect(error == ArchiveError(.readAttributes, errno, Path(tree)))
    }

    @Test("a capability of another user namespace is left out")
    func omitsForeignCapabilities() throws {
        let (report, _) = try Faults.during({ _, call in call == .getAttribute ? .overflow : nil }) {
            try archive(tree, to: scratch / "a.tar")
        }
        #expect(report.attributes == 0 && report.files == 1)
    }

    @Test(
        "an archive holds the attributes of users and administrators, ACLs and capabilities, and no others",
        arguments: [
            ("user.one", true), ("user.\u{301}one", true), ("trusted.one", true), ("security.capability", true),
            ("system.posix_acl_access", true), ("system.posix_acl_default", true), ("btrfs.compression", false),
            ("security.selinux", false), ("security.SMACK64", false), ("security.apparmor", false),
            ("security.csm", false), ("security.ima", false), ("security.evm", false), ("system.nfs4_acl", false),
            ("system.nfs4_dacl", false), ("system.nfs4_sacl", false), ("system.cifs_acl", false),
            ("system.ntfs_attrib", false), ("user.overlay.opaque", false), ("trusted.overlay.opaque", false),
            ("trusted.SGI_ACL_FILE", false), ("com.apple.quarantine", false),
        ])
    func listsAcceptedAttributes(_ name: String, _ isWanted: Bool) {
        #expect(AttributePolicy.isWanted(AttributeName(name)) == isWanted)
    }

    @Test("a property of an inode on btrfs does not get into an archive")
    func omitsProperties() throws {
        guard let disk = try FileSystemMatrix.require(.btrfs)?.scratch() else { return }
        for directory in [disk / "tree", scratch / "plain"] {
            try TreeBuilder.build(at: directory) { try $0.file("file", .text("content")) }
        }
        try Command.succeed(["setfattr", "-n", "btrfs.compression", "-v", "zstd", disk / "tree/file"])
        try archive(disk / "tree", to: scratch / "a.tar")
        try archive(scratch / "plain", to: scratch / "b.tar")
        #expect(try content(scratch / "a.tar") == content(scratch / "b.tar"))
    }

    @Test(
        "with the modes of a store, an ACL has the permissions of the mode beside it",
        arguments: [
            (0o644, "444", "user::r--,user:1234:rw-,group::r-x,mask::r--,other::r--"),
            (0o700, "555", "user::r-x,user:1234:rw-,group::r-x,mask::r-x,other::r-x"),
        ])
    func accessListsAgreeWithModes(_ mode: UInt16, _ expected: String, _ list: String) throws {
        let other: AccessList.Permissions = mode == 0o644 ? .read : []
        let owner: AccessList.Permissions = mode == 0o644 ? [.read, .write] : .all
        let access = AccessList([
            .owner(owner), .user(1234, [.read, .write]), .owningGroup([.read, .execute]), .mask(.all), .other(other),
        ])
        try TreeBuilder.build(at: scratch / "lists") { tree in
            try tree.file("file", .text("content"), Attributes(mode: mode, accessList: access))
            try tree.directory("directory", Attributes(mode: mode, accessList: access))
        }
        try archive(scratch / "lists", to: scratch / "a.tar") { $0.modes = .store }
        var reader = TarReader(try FilePart(Path(scratch / "a.tar")), named: "a.tar")
        while let member = try reader.next() {
            let texts = member.attributes.filter { $0.key == Array("SCHILY.acl.access".utf8) }.map(\.value)
            if member.kind == .regular { #expect(texts == [Array(list.utf8)]) }
        }
        for tool in [ArchiveReader.gnu, .bsd] {
            let back = scratch / ByteString(tool.name)
            _ = try tool.extract(scratch / "a.tar", into: back)
            #expect(try Command.succeed(["stat", "-c", "%a", back / "file"]).outputText == "\(expected)\n")
            #expect(try Command.succeed(["stat", "-c", "%a", back / "directory"]).outputText == "555\n")
        }
    }
}
