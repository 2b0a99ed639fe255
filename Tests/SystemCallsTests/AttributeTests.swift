import TestSupport
import Testing

@testable import SystemCalls

@Suite(.serialized) struct AttributeTests {
    /// Names and values beyond each of the buffers that are tried; tmpfs or xfs take them.
    @Test(arguments: [0, 1, 255, 256, 257, 5000, 65536]) func valuesOfAnySize(_ size: Int) throws {
        guard let system = try FileSystemMatrix.require(.xfs) else { return }
        let value = [UInt8](repeating: 0xfe, count: size)
        let place = try DirectoryPlace(in: system.path) {
            try $0.file("file", .empty, Attributes(extended: ["user.value": value]))
        }
        let expected = [ExtendedAttribute(name: AttributeName("user.value"), value: value)]
        #expect(try place.directory.extendedAttributes(of: Name("file")) == expected)
        let file = try place.directory.openFile(Name("file"), [])
        #expect(try file.extendedAttributes() == expected)
    }

    @Test func listsOfAnyLength() throws {
        guard let system = try FileSystemMatrix.require(.xfs) else { return }
        let names = (0..<200).map { "user.attribute-with-a-long-name-\($0)" }
        let place = try DirectoryPlace(in: system.path) { tree in
            try tree.file(
                "file", .empty,
                Attributes(extended: Dictionary(uniqueKeysWithValues: names.map { (ByteString($0), [1]) })))
        }
        let found = try place.directory.extendedAttributes(of: Name("file"))
        #expect(found.map(\.name.text).sorted() == names.sorted())
    }

    @Test func setsAndRemoves() throws {
        let place = try DirectoryPlace { try $0.file("file") }
        let name = AttributeName("user.name")
        let file = try place.directory.openForWriting(Name("file"), [])
        #expect(try !file.hasAttribute(name))
        try file.setAttribute(ExtendedAttribute(name: name, value: [1, 2]))
        try file.setAttribute(ExtendedAttribute(name: name, value: [3]))
        #expect(try file.hasAttribute(name))
        #expect(try file.extendedAttributes() == [ExtendedAttribute(name: name, value: [3])])
        try file.removeAttribute(name)
        try file.removeAttribute(name)
        #expect(try file.extendedAttributes() == [])
    }

    /// A symlink's own attributes, and never those of what it leads to.
    @Test func symlinksAreNotFollowed() throws {
        let place = try DirectoryPlace { tree in
            try tree.file("file", .empty, Attributes(extended: ["user.name": [1]]))
            try tree.symbolicLink("symlink", to: "file")
        }
        #expect(try place.directory.extendedAttributes(of: Name("symlink")) == [])
        #expect(throws: Errno.notPermitted) {
            try place.directory.setAttribute(
                of: Name("symlink"), ExtendedAttribute(name: AttributeName("user.name"), value: [2]))
        }
    }

    @Test func aTrivialListEqualsTheMode() throws {
        let place = try DirectoryPlace { tree in
            try tree.file("plain")
            try tree.file("more", .empty, Attributes(accessList: .allowing(user: 7, .read)))
        }
        #expect(try place.directory.openFile(Name("plain"), []).accessACLEqualsMode)
        #expect(try !place.directory.openFile(Name("more"), []).accessACLEqualsMode)
    }

    @Test func policiesAreLibattrs() {
        #expect(AttributeName.accessACL.copyPolicy == .permissions)
        #expect(AttributeName.defaultACL.copyPolicy == .permissions)
        #expect(AttributeName("user.anything").copyPolicy == .copy)
        #expect(AttributeName("security.capability").copyPolicy == .copy)
        #expect(AttributeName("trusted.SGI_ACL_FILE").copyPolicy == .skip)
    }
}
