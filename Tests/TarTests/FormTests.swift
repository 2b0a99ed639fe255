import SystemCalls
import TestSupport
import Testing

@testable import Tar

/// Headers and records, byte by byte.
@Suite struct FormTests {
    private func member(_ path: String, _ kind: Member.Kind = .regular) -> Member {
        Member(
            path: Array(path.utf8), kind: kind, mode: FileMode(rawValue: 0o644), owner: Ownership(user: 0, group: 0),
            modified: SystemCalls.Timestamp(seconds: 1, nanoseconds: 0))
    }

    private func type(_ header: [UInt8]) -> UInt8 { header[156] }

    @Test func plainWhereUstarSuffices() {
        let names = [
            String(repeating: "n", count: 100),
            String(repeating: "d", count: 155) + "/" + String(repeating: "n", count: 100),
            "name \u{fc}",
        ]
        for name in names { #expect(member(name).header().count == 512) }
        var owned = member("a")
        owned.owner = Ownership(user: 0o7777777, group: 0o7777777)
        owned.size = 0o77777777777
        owned.modified.seconds = 0o77777777777
        #expect(owned.header().count == 512)
    }

    @Test func recordsWhereItDoesNot() {
        let long = String(repeating: "n", count: 101)
        #expect(text(member(long)).contains("path=\(long)\n"))
        let far = String(repeating: "d", count: 156) + "/n"
        #expect(text(member(far)).contains("path=\(far)\n"))
        #expect(text(member("l", .symlink(target: Array(long.utf8)))).contains("linkpath=\(long)\n"))
        var other = member("a")
        other.owner = Ownership(user: 0o10000000, group: 3_000_000_000)
        other.size = 0o100000000000
        other.modified = SystemCalls.Timestamp(seconds: -2, nanoseconds: 500_000_000)
        for record in ["uid=2097152\n", "gid=3000000000\n", "size=8589934592\n", "mtime=-1.5\n"] {
            #expect(text(other).contains(record))
        }
    }

    @Test(
        "a long name that is not ASCII is written as a member of GNU tar's type, and not as a pax record",
        arguments: [nil, 0, 512, 3584] as [Int64?])
    func longNamesAreMembers(_ offset: Int64?) throws {
        let name = String(repeating: "d", count: 160) + "/re\u{301}"
        for (file, types) in [
            (member(name), "L0"), (member(name, .directory), "L5"),
            (member("l", .symlink(target: Array(name.utf8))), "K2"),
            (member(name, .hardLink(target: Array("\(name)-2".utf8))), "KL1"),
        ] {
            var owned = file
            for (count, prefix) in [(0, ""), (3_000_000, "x")] {
                owned.owner = Ownership(user: UInt32(count), group: 0)
                let header = owned.header(alignedFrom: offset)
                #expect(offset.map { (Int($0) + header.count) % 4096 == 0 } ?? true)
                var reader = TarReader(Bytes(header + [UInt8](repeating: 0, count: 1024)), named: "bytes")
                var read = try #require(try reader.next())
                read.attributes.removeAll { $0.key == Array("comment".utf8) }
                #expect(read == owned)
                let records = String(decoding: header, as: UTF8.self)
                #expect(!records.contains(" path=") && !records.contains(" linkpath="))
                if offset == nil { #expect(Self.types(header) == prefix + types) }
            }
        }
    }

    /// The types of the headers. Blocks that are not headers hold the texts of members.
    private static func types(_ header: [UInt8]) -> String {
        let blocks = stride(from: 0, to: header.count, by: 512).filter {
            header[($0 + 257)...].starts(with: "ustar".utf8)
        }
        return String(decoding: blocks.map { header[$0 + 156] }, as: UTF8.self)
    }

    private func text(_ member: Member) -> String {
        let header = member.header()
        #expect(type(header) == UInt8(ascii: "x") && header.count % 512 == 0)
        return String(decoding: header, as: UTF8.self)
    }

    /// A directory's slash counts, and cuts nothing off.
    @Test func directoriesEndWithASlash() {
        let name = String(repeating: "n", count: 99)
        #expect(member(name, .directory).header()[99] == UInt8(ascii: "/"))
        #expect(member(name, .directory).header().count == 512)
        #expect(member(name + "n", .directory).header().count > 512)
    }

    /// A line's length counts itself, also where that makes it longer.
    @Test(arguments: 80...110) func linesCountThemselves(_ count: Int) throws {
        var records = PaxRecords()
        records.add("key", [UInt8](repeating: 65, count: count))
        let text = String(decoding: records.bytes, as: UTF8.self)
        #expect(try Int(#require(text.split(separator: " ").first)) == text.utf8.count)
    }

    @Test(arguments: 0..<24, [0, 1, 300, 1000]) func contentIsAligned(_ block: Int, _ attributeBytes: Int) {
        var file = member("a")
        if attributeBytes > 0 {
            file.attributes = [
                PaxAttribute(
                    key: Array("SCHILY.xattr.user.a".utf8), value: [UInt8](repeating: 65, count: attributeBytes))
            ]
        }
        let offset = Int64(block * 512)
        let header = file.header(alignedFrom: offset)
        #expect(header.count % 512 == 0)
        #expect((Int(offset) + header.count) % 4096 == 0)
        #expect(header.count <= 4096 + 1024 + file.header().count)
    }
}
