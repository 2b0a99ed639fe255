import SystemCalls
import Tar
import TestSupport
import Testing

/// Where things are in archives of others, of which only headers are read.
@Suite struct ArchiveIndexTests {
    private let scratch: Scratch
    private var tar: Path { Path(scratch / "a.tar") }

    init() throws { scratch = try Scratch() }

    private func index() throws -> ArchiveIndex {
        try ArchiveIndex(try FilePart(tar), named: tar, ending: .any)
    }

    private static let long = String(repeating: "long-", count: 30)

    private func run(_ script: String) throws {
        try Command.succeed(["sh", "-euc", ByteString("cd \"$1\"\n" + script), "sh", scratch.path])
    }

    @Test(
        arguments: [
            "tar --format=gnu -cf", "tar --format=pax -cf", "bsdtar --format=pax -cf", "bsdtar --format=gnutar -cf",
            "tar --format=pax --pax-option=comment=text -cf",
        ])
    func findsWhatIsThere(_ program: String) throws {
        let deep = "\(Self.long)/\(Self.long)"
        try run(
            """
            mkdir -p tree/\(deep)
            echo one >tree/one
            head -c 1000000 /dev/zero >tree/\(deep)/zeros
            echo two >tree/\(deep)/two
            ln -s \(Self.long)/../\(deep)/two tree/link
            ln -s link tree/chain
            ln -s round tree/round
            ln tree/one tree/other
            mkfifo tree/pipe
            : >tree/empty
            \(program) a.tar -C tree .
            """)
        let index = try index()
        let content = try readSmallFile(tar)
        func text(_ name: String) -> String? {
            index[Path(name)].map { String(decoding: content[Int($0.lowerBound)..<Int($0.upperBound)], as: UTF8.self) }
        }
        for name in ["one", "other", "./one", "/one"] { #expect(text(name) == "one\n", "\(name)") }
        for name in ["\(deep)/two", "link", "chain"] { #expect(text(name) == "two\n", "\(name)") }
        #expect(text("empty") == "")
        #expect(index[Path("\(deep)/zeros")]?.count == 1_000_000)
        for name in ["pipe", "round", Self.long] { #expect(index.has(Path(name)) && text(name) == nil, "\(name)") }
        #expect(!index.has("none") && index["none"] == nil)
    }

    /// In its old form a name has a hundred bytes.
    @Test(arguments: ["v7", "ustar", "oldgnu"])
    func findsShortNames(_ format: String) throws {
        try run("mkdir tree; echo one >tree/one; tar --format=\(format) -cf a.tar -C tree one")
        #expect(try index()["one"] == 512..<516)
    }

    /// More than eleven octal digits say. Neither archive is written out, nor its content, and none of it is read.
    @Test(arguments: ["gnu", "pax"])
    func findsLargeSizes(_ format: String) throws {
        try run(
            """
            truncate -s 900G large
            tar --format=\(format) -cf - large 2>/dev/null | head -c 4096 >a.tar
            truncate -s 1000G a.tar
            """)
        #expect(try index()["large"]?.count == 900 << 30)
    }
}
