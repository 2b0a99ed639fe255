import SystemCalls
import Tar
import TestSupport
import Testing

/// Archives of others, read header by header.
@Suite struct ListingTests {
    private let scratch: Scratch
    private var tar: Path { Path(scratch / "a.tar") }

    init() throws { scratch = try Scratch() }

    private func members(of path: Path) throws -> [ListedMember] {
        let file = try Directory.current.openFile(Name(path), [])
        let size = try file.metadata().size
        var listing = ArchiveListing(file, named: path, 0..<size)
        var members: [ListedMember] = []
        while let member = try listing.next() { members.append(member) }
        return members
    }

    private static let long = String(repeating: "long-", count: 30)

    private func run(_ script: String) throws {
        try Command.succeed(["sh", "-euc", ByteString("cd \"$1\"\n" + script), "sh", scratch.path])
    }

    /// A folder with long names, links and large contents.
    private func makeTree() throws {
        try run(
            """
            mkdir -p tree/\(Self.long)/\(Self.long)
            echo one >tree/one
            head -c 100000 /dev/zero >tree/\(Self.long)/\(Self.long)/zeros
            ln -s \(Self.long)/\(Self.long)/\(Self.long) tree/link
            ln tree/one tree/other
            mkfifo tree/pipe
            : >tree/empty
            """)
    }

    @Test(
        arguments: [
            "tar --format=gnu -cf", "tar --format=pax -cf", "bsdtar --format=pax -cf", "bsdtar --format=gnutar -cf",
            "tar --format=pax --pax-option=comment=text -cf",
        ])
    func findsWhatIsThere(_ program: String) throws {
        try makeTree()
        try run("\(program) a.tar -C tree .")
        let members = try members(of: tar)
        let byPath = Dictionary(members.map { ($0.path, $0) }) { first, _ in first }
        let deep = "\(Self.long)/\(Self.long)"
        let paths = ["", "one", "other", "link", "pipe", "empty", Self.long, deep, "\(deep)/zeros"].map { Path($0) }
        #expect(Set(members.map(\.path)) == Set(paths))
        #expect(byPath["link"]?.kind == .symlink(target: Path("\(deep)/\(Self.long)")))
        #expect(byPath["pipe"]?.kind == .other && byPath[Path(deep)]?.kind == .directory)
        let links = [byPath["one"], byPath["other"]].compactMap { $0 }
        #expect(links.contains { $0.kind == .file && $0.size == 4 })
        #expect(links.contains { [.hardLink(target: "one"), .hardLink(target: "other")].contains($0.kind) })
        let content = try readSmallFile(tar)
        for member in members where member.size == 4 {
            #expect(Array(content[Int(member.offset)...].prefix(4)) == Array("one\n".utf8))
        }
        #expect(byPath[Path("\(deep)/zeros")]?.size == 100_000)
    }

    /// In its old form a name has a hundred bytes.
    @Test(arguments: ["v7", "ustar", "oldgnu"])
    func findsShortNames(_ format: String) throws {
        try run("mkdir tree; echo one >tree/one; tar --format=\(format) -cf a.tar -C tree one")
        #expect(try members(of: tar).map(\.path) == ["one"])
    }

    /// More than eleven octal digits say. Neither archive is written out, nor its content.
    @Test(arguments: ["gnu", "pax"])
    func findsLargeSizes(_ format: String) throws {
        try run(
            """
            truncate -s 9G large
            tar --format=\(format) -cf - large 2>/dev/null | head -c 4096 >a.tar
            truncate -s 10G a.tar
            """)
        #expect(try members(of: tar).map(\.size) == [9 << 30])
    }

    /// Neither a cut nor another byte anywhere leads to anything but an archive or an error.
    @Test func damageIsFound() throws {
        try makeTree()
        try run("tar --format=pax -cf whole.tar -C tree one link pipe empty")
        let whole = try readSmallFile(Path(scratch / "whole.tar"))
        let names = try members(of: Path(scratch / "whole.tar")).map(\.path)
        let headers = try members(of: Path(scratch / "whole.tar")).map { Int($0.offset) - 512 }
        func write(_ bytes: [UInt8], _ number: Int) throws -> Path {
            let name = ByteString("damaged-\(number)")
            try TreeBuilder.build(at: scratch.path) { try $0.file(name, .bytes(bytes)) }
            return Path(scratch / name)
        }
        for end in stride(from: 100, to: whole.count - 1024, by: 100) where end % 512 != 0 {
            let path = try write(Array(whole[..<end]), end)
            // What is cut in the fill at the end is whole.
            if let found = try? members(of: path) { #expect(names.starts(with: found.map(\.path))) }
        }
        for header in headers {
            for offset in [0, 100, 124, 150, 156, 300, 511] {
                var bytes = whole
                bytes[header + offset] ^= 0x15
                let path = try write(bytes, 1_000_000 + header + offset)
                #expect(throws: ArchiveError.self) { try members(of: path) }
            }
        }
    }

    @Test func sparseFilesAreRefused() throws {
        try run("truncate -s 1M sparse; tar --format=gnu --sparse -cf a.tar sparse")
        let error = #expect(throws: ArchiveError.self) { try members(of: tar) }
        #expect(error?.description.contains("'sparse' is of the type 'S'") ?? false)
    }
}
