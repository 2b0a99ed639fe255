import Image
import ImageVerification
import NixClosure
import StoreFixture
import SystemCalls
import TestSupport
import Testing

/// Privileges in the layers of an image, whichever tool wrote them.
@Suite(.serialized) struct PrivilegeTests {
    private static let script = ByteString(Path(#filePath).parent.parent.appending("Fixtures/layers.py").bytes)
    private static let app = "nix/store/00000000000000000000000000000000-app"
    private static let base = """
        d 755 0:0 1 nix
        d 755 0:0 1 nix/store
        d 555 0:0 1 \(app)
        f 555 0:0 1 \(app)/run content
        """

    /// The findings in an image with these layers, each line an entry.
    private func findings(_ layers: String...) throws -> [String] {
        let scratch = try Scratch()
        let file = scratch / "image.tar"
        let text = layers.joined(separator: "\n\n") + "\n"
        try Command.succeed([
            "sh", "-c", "printf %s \"$0\" | python3 \"$1\" save \"$2\"", ByteString(text), Self.script, file,
        ])
        let reference = try #require(ImageReference("docker-archive:\(file)"))
        let store = try Store(directory: "/nix/store", root: Path((scratch / "none").bytes))
        return try ImageVerification(of: reference, in: store).run().findings.map { finding in
            let marker = finding.text.firstRange(of: "as '/")
            return "\(finding.kind) \(marker.map { finding.text[$0.upperBound...].prefix { $0 != "'" } } ?? "")"
        }.sorted()
    }

    @Test("a layer of another tool without privileges has no findings")
    func none() throws {
        #expect(try findings(Self.base) == [])
        // What a store does not have, and no privilege.
        #expect(try findings(Self.base + "\nf 600 7:7 5 \(Self.app)/other content") == [])
        #expect(try findings(Self.base + "\nl 4777 0:0 1 \(Self.app)/link run") == [])
    }

    @Test(
        "set-id bits, the sticky bit and write permission of others are named in each layer",
        arguments: ["4555", "2555", "1555", "575", "557"])
    func modes(_ mode: String) throws {
        #expect(try findings(Self.base, "f \(mode) 0:0 1 \(Self.app)/run content") == ["mode \(Self.app)/run"])
        #expect(try findings(Self.base, "d \(mode) 0:0 1 \(Self.app)/more") == ["mode \(Self.app)/more"])
    }

    @Test(
        "capabilities, attributes and ACLs are named, in each form that readers know",
        arguments: [
            "SCHILY.xattr.security.capability", "LIBARCHIVE.xattr.security.capability", "SCHILY.xattr.user.note",
            "SCHILY.xattr.system.posix_acl_access", "SCHILY.acl.access",
            "SCHILY.acl.default", "SCHILY.acl.ace",
        ])
    func attributes(_ record: String) throws {
        #expect(
            try findings(Self.base + "\nf 444 0:0 1 \(Self.app)/file \(record)=1 content")
                == ["attribute \(Self.app)/file"])
        #expect(
            try findings(Self.base + "\nd 555 0:0 1 \(Self.app)/more \(record)=1") == ["attribute \(Self.app)/more"])
        #expect(try findings(Self.base + "\nf 444 0:0 1 etc/file \(record)=1 content") == [])
    }

    @Test(
        "a label of a security module, and records that are no attributes are no findings",
        arguments: ["SCHILY.xattr.security.selinux", "RHT.security.selinux", "SCHILY.dev", "LIBARCHIVE.creationtime"])
    func exempt(_ record: String) throws {
        #expect(try findings(Self.base + "\nf 444 0:0 1 \(Self.app)/file \(record)=1 content") == [])
    }

    @Test("a privilege that an upper layer replaces or removes is not named")
    func upperLayers() throws {
        let program = "f 4555 0:0 1 \(Self.app)/su content"
        #expect(try findings(Self.base, program, "f 555 0:0 1 \(Self.app)/su content") == [])
        #expect(try findings(Self.base, program, "f 444 0:0 1 \(Self.app)/.wh.su") == [])
        #expect(try findings(Self.base, program, "f 444 0:0 1 \(Self.app)/.wh..wh..opq") == [])
        // A whiteout removes nothing of its own layer.
        let own = program + "\nf 444 0:0 1 \(Self.app)/.wh.su"
        #expect(try findings(Self.base, own).contains("mode \(Self.app)/su"))
    }

    @Test("devices and FIFOs in a store path are named")
    func special() throws {
        #expect(try findings(Self.base + "\np 444 0:0 1 \(Self.app)/pipe") == ["special \(Self.app)/pipe"])
        #expect(try findings(Self.base + "\nc 444 0:0 1 \(Self.app)/null") == ["special \(Self.app)/null"])
    }

    @Test("a hard link outside of a store path that changes the mode of a file in it is named")
    func linksFromOutside() throws {
        #expect(
            try findings(Self.base + "\nh 4555 0:0 1 bin/run \(Self.app)/run") == ["mode bin/run"])
        #expect(
            try findings(Self.base + "\nh 555 0:0 1 a \(Self.app)/run\nh 555 0:0 1 b a SCHILY.xattr.user.note=1")
                == ["attribute b"])
        // A file of its own takes the name.
        #expect(
            try findings(Self.base + "\nh 555 0:0 1 a \(Self.app)/run", "f 4555 0:0 1 a content") == [])
    }

    @Test(
        "a hard link that makes its file executable or not is refused, as Docker and Python change the file",
        arguments: ["bin/run", "\(app)/again"])
    func linksThatChangeExecutability(_ name: String) throws {
        #expect(try findings(Self.base + "\nh 444 0:0 1 \(name) \(Self.app)/run") == ["unreadable "])
        #expect(try findings(Self.base + "\nh 555 0:0 1 \(name) \(Self.app)/run") == [])
        // Readers that ignore the mode of a link and the others make the same file.
        #expect(try findings(Self.base + "\nh 755 0:0 1 \(name) \(Self.app)/run") == [])
    }

    @Test("a hard link in a store path to a privileged file outside is named")
    func linksToOutside() throws {
        let link = "h 555 0:0 1 \(Self.app)/su bin/su"
        #expect(try findings(Self.base + "\nf 4555 0:0 1 bin/su content\n" + link) == ["mode bin/su"])
        #expect(try findings(Self.base + "\nf 555 0:0 1 bin/su content\n" + link) == [])
        #expect(
            try findings(Self.base + "\nf 555 0:0 1 bin/su content\n" + link + "\nh 4555 0:0 1 x bin/su") == ["mode x"])
    }
}
