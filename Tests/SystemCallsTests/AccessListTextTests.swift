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
}
