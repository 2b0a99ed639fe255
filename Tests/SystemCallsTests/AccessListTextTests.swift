import TestSupport
import Testing

@testable import SystemCalls

/// ACLs as text, against what getfacl(1) prints.
@Suite struct AccessListTextTests {
    private func text(_ value: [UInt8]) -> String? {
        ExtendedAttribute(name: .accessACL, value: value).accessListText
    }

    @Test func isWhatGetfaclPrints() throws {
        let list = AccessList([
            .owner([.read, .write]), .user(12, .all), .user(3_000_000_000, .read), .owningGroup(.read), .group(7, []),
            .mask([.read, .execute]), .other([]),
        ])
        let scratch = try Scratch()
        try TreeBuilder.build(at: scratch / "tree") { try $0.file("file", .empty, Attributes(accessList: list)) }
        let printed = try TestSupport.Command.succeed(["getfacl", "-cpnE", scratch / "tree/file"]).outputText
        #expect(text(list.encoded) == printed.split(separator: "\n").joined(separator: ","))
    }

    @Test(
        arguments: [[], [2, 0, 0], [1, 0, 0, 0], [2, 0, 0, 0, 1, 0, 6], [2, 0, 0, 0, 3, 0, 6, 0, 0, 0, 0, 0]]
            as [[UInt8]])
    func whatIsNoListHasNoText(_ value: [UInt8]) {
        #expect(text(value) == nil)
    }

    @Test(
        "an access ACL that agrees with a mode differs in the owner, others, and the mask or the owning group",
        arguments: [
            ([.owner(.all), .user(7, .all), .owningGroup(.all), .mask(.all), .other(.all)], "r-x,7:rwx,rwx,r--,---"),
            ([.owner([]), .owningGroup(.all), .other(.all)], "r-x,r--,---"),
        ] as [([AccessList.Entry], String)])
    func agrees(_ entries: [AccessList.Entry], _ expected: String) {
        let value = AccessList(entries).encoded
        let agreeing = ExtendedAttribute(name: .accessACL, value: value).agreeing(with: FileMode(rawValue: 0o540))
        let permissions = agreeing.accessListText?.replacing(/[a-z]+::?/, with: "")
        #expect(permissions == expected)
        let inherited = ExtendedAttribute(name: .defaultACL, value: value)
        #expect(inherited.agreeing(with: FileMode(rawValue: 0o540)) == inherited)
    }
}
