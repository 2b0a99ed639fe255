import TestSupport
import Testing

@testable import SystemCalls
@testable import TreeCopy

/// What an entry is given, and what it has already.
@Suite(.serialized) struct UnitMetadataTests {
    private let caller = Ownership(user: 10, group: 20)

    private func folder(mode: UInt16, group: UInt32? = nil) throws -> Metadata {
        let scratch = try Scratch()
        try TreeBuilder.build(at: scratch / "d") { $0.root(Attributes(mode: mode, group: group)) }
        return try metadata(scratch / "d")
    }

    private func rule(_ folder: Metadata, acl: Bool = false, mask: UInt32 = 0o022) -> CreationRule {
        CreationRule(
            inside: folder, hasDefaultACL: acl, caller: Ownership(user: 10, group: folder.owner.group),
            mask: FileMode(rawValue: mask))
    }

    @Test func theMaskTakesBits() throws {
        let rule = rule(try folder(mode: 0o755))
        #expect(rule.mode(afterCreating: FileMode(rawValue: 0o666)) == FileMode(rawValue: 0o644))
        #expect(rule.mode(afterMaking: FileMode(rawValue: 0o777)) == FileMode(rawValue: 0o755))
        #expect(rule.owner.user == 10)
    }

    @Test func setgidIsPassedOnToFoldersAndTheGroupToAll() throws {
        let folder = try folder(mode: 0o2755)
        let rule = CreationRule(inside: folder, hasDefaultACL: false, caller: caller, mask: [])
        #expect(rule.owner == Ownership(user: 10, group: folder.owner.group))
        #expect(rule.mode(afterMaking: FileMode(rawValue: 0o700)) == FileMode(rawValue: 0o2700))
        #expect(rule.mode(afterCreating: FileMode(rawValue: 0o700)) == FileMode(rawValue: 0o700))
    }

    /// On a mount with `grpid` the folder's group is passed on; nobody asked, and so nobody knows.
    @Test func theGroupIsUncertainInAForeignFolder() throws {
        let rule = CreationRule(inside: try folder(mode: 0o755), hasDefaultACL: false, caller: caller, mask: [])
        #expect(rule.owner.group == .max)
    }

    @Test func onlyTheKernelKnowsBelowADefaultList() throws {
        let rule = rule(try folder(mode: 0o755), acl: true)
        #expect(rule.mode(afterCreating: .ownerAll) == nil && rule.mode(afterMaking: .ownerAll) == nil)
    }

    @Test func whatIsKeptIsWanted() throws {
        let source = try folder(mode: 0o3751)
        let attributes = ["user.colour", "system.posix_acl_access", "trusted.SGI_ACL_FILE"].map {
            ExtendedAttribute.named($0)
        }
        let wanted = WantedMetadata(of: source, attributes, CopyOptions())
        #expect(wanted.owner == source.owner)
        #expect(wanted.mode == FileMode(rawValue: 0o3751))
        #expect(wanted.modified == source.modified && wanted.accessed == source.accessed)
        #expect(wanted.attributes == [.named("user.colour")])
        #expect(wanted.accessLists == [.named("system.posix_acl_access")])
    }

    @Test func whatIsNotKeptIsLeftAlone() throws {
        var options = CopyOptions()
        options.preserve = []
        options.newMode = .masked(0o027)
        let wanted = WantedMetadata(of: try folder(mode: 0o3777), [.named("user.colour")], options)
        #expect(wanted.owner == nil && wanted.modified == nil && wanted.accessLists == nil)
        #expect(wanted.attributes == [])
        #expect(wanted.mode == FileMode(rawValue: 0o750))
        options.newMode = .fresh(0o022)
        #expect(WantedMetadata(of: try folder(mode: 0o700), [], options).mode == FileMode(rawValue: 0o755))
    }

    @Test func fixedValuesWin() throws {
        var options = CopyOptions()
        options.owner = Ownership(user: 0, group: 0)
        options.modificationTime = 1
        let wanted = WantedMetadata(of: try folder(mode: 0o755), [], options)
        #expect(wanted.owner == Ownership(user: 0, group: 0))
        #expect(wanted.modified == SystemCalls.Timestamp(seconds: 1, nanoseconds: 0))
        #expect(wanted.accessed == wanted.modified)
    }
}

extension ExtendedAttribute {
    /// Read back from a file would be the only other way to have one.
    fileprivate static func named(_ name: String) -> ExtendedAttribute {
        ExtendedAttribute(name: AttributeName(name), value: [1])
    }
}
