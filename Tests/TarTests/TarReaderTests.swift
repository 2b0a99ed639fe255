import SystemCalls
import Tar
import TestSupport
import Testing

/// What is read of archives: ours, and those of others.
@Suite(.serialized) struct TarReaderTests {
    private let scratch: Scratch
    private var tree: ByteString { scratch / "tree" }
    private var tar: ByteString { scratch / "a.tar" }

    init() throws { scratch = try Scratch() }

    /// An archive of ours is all that was read of it, written again.
    @Test(arguments: [UInt64(1), 2, .random(in: 3...1 << 40)], [ArchiveHardLinks.canonical, .preserve])
    func readsAllThatIsWritten(_ seed: UInt64, _ links: ArchiveHardLinks) throws {
        try RandomTree(seed: seed, shape: .asRoot.without(.socket)).build(at: tree)
        try archive(tree, to: tar) { options in
            keepingAll(&options)
            options.hardLinks = links
        }
        var again: [UInt8] = []
        var reader = TarReader(try FilePart(Path(tar)), named: Path(tar))
        while let member = try reader.next() {
            again += member.header()
            #expect(reader.position == Int64(again.count))
            again += try reader.content().paddedToBlocks
        }
        try reader.drain()
        again += [UInt8](repeating: 0, count: 1024)
        let isSame = try content(tar) == again
        #expect(isSame, "seed \(seed)")
    }

    @Test(arguments: [
        ["tar", "--format=gnu"], ["tar", "--format=oldgnu"], ["tar", "--format=pax"], ["tar", "--format=ustar"],
        ["tar", "--format=v7"], ["bsdtar", "--format=pax"], ["bsdtar", "--format=ustar"],
    ])
    func readsWhatOthersWrite(_ writer: [String]) throws {
        let long = ByteString(String(repeating: "n", count: 90))
        let isLong = !["v7", "ustar"].contains { writer[1].hasSuffix($0) }
        let deep = isLong ? long / long : "short"
        try TreeBuilder.build(at: tree) { tree in
            try tree.file(deep / "file", .pattern(size: 70_000))
            try tree.hardLink("linked", to: deep / "file")
            try tree.symbolicLink("symbolic", to: "some/where")
            try tree.file("empty", .text(""), Attributes(mode: 0o4755))
        }
        let owner = isLong ? "3000000" : "30000"
        try Command.succeed(["chown", ByteString("\(owner):7"), tree / "empty"])
        try Command.succeed(writer.map { ByteString($0) } + ["--numeric-owner", "-cf", tar, "-C", tree, "."])
        var found: [String] = []
        var reader = TarReader(try FilePart(Path(tar)), named: Path(tar))
        while let member = try reader.next() {
            let bytes = try reader.content()
            let sum = bytes.reduce(UInt32(0)) { $0 &* 31 &+ UInt32($1) }
            found.append("\(member.line) \(sum)")
        }
        #expect(found == (try linesOfPython()))
    }

    @Test(
        "sparse files of GNU tar are listed by their names, and reading the content of one is an error",
        arguments: [["gnu"], ["oldgnu"], ["pax", "--sparse-version=0.0"], ["pax", "--sparse-version=0.1"], ["pax"]])
    func listsSparseFiles(_ form: [String]) throws {
        try TreeBuilder.build(at: tree) { tree in
            try tree.file("a", .text("a"))
            try tree.file("z", .text("z"))
        }
        // A file with more data segments than a header and two further blocks list, and a file that is one hole.
        let script: ByteString = """
            for n in $(seq 0 80); do printf x | dd of="$1/many" bs=1 seek=$((n * 100000)) conv=notrunc status=none; done
            truncate -s 5M "$1/hole"
            """
        try Command.succeed(["sh", "-euc", script, "sh", tree])
        let options = ["--format=\(form[0])"] + form.dropFirst()
        try Command.succeed(
            ["tar", "--sparse"] + options.map { ByteString($0) } + ["-cf", tar, "-C", tree, "a", "hole", "many", "z"])
        var reader = TarReader(try FilePart(Path(tar)), named: Path(tar))
        var names: [String] = []
        while let member = try reader.next() {
            names.append("\(Path(member.path))")
            #expect(!member.attributes.contains { $0.key.starts(with: "GNU.".utf8) })
            guard member.isSparse else {
                #expect(try reader.content() == member.path)
                continue
            }
            let error = #expect(throws: ArchiveError.self) { try reader.content() }
            #expect(error?.description.contains("sparse files") == true)
        }
        try reader.drain()
        #expect(names == ["a", "hole", "many", "z"])
        let index = try ArchiveIndex(try FilePart(Path(tar)), named: Path(tar), ending: .marked)
        #expect(index["many"] == nil && index.has("many") && index["z"] != nil)
    }

    /// What Python's reader says of it.
    private func linesOfPython() throws -> [String] {
        let program: ByteString = """
            import sys, tarfile
            with tarfile.open(sys.argv[1]) as tar:
                for m in tar:
                    sum = 0
                    if m.isreg():
                        for byte in tar.extractfile(m).read(): sum = (sum * 31 + byte) & 0xffffffff
                    size = m.size if m.isreg() else 0
                    print(m.name, m.type.decode().replace(chr(0), '0'), m.linkname, oct(m.mode)[2:], m.uid, m.gid, int(m.mtime // 1), size, sum)
            """
        let result = try Command.succeed(["python3", "-c", program, tar])
        return String(decoding: result.output, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test func refusesWhatIsDamaged() throws {
        try TreeBuilder.build(at: tree) { try $0.file("file", .pattern(size: 5000)) }
        try archive(tree, to: tar)
        let whole = try content(tar)
        for count in stride(from: 0, to: whole.count, by: 256) {
            #expect(throws: ArchiveError.self, "\(count) bytes") { try Self.read(Array(whole.prefix(count))) }
        }
        for place in 0..<1024 where place % 512 != 155 {
            var damaged = whole
            damaged[place] ^= 1
            #expect(throws: ArchiveError.self, "byte \(place)") { try Self.read(damaged) }
        }
    }

    private static func read(_ bytes: [UInt8]) throws {
        var reader = TarReader(Bytes(bytes), named: "bytes")
        while try reader.next() != nil { _ = try reader.content() }
    }
}

extension Member {
    /// As the Python program above writes it.
    fileprivate var line: String {
        let (type, link): (String, [UInt8]) =
            switch kind {
            case .regular: ("0", [])
            case .hardLink(let target): ("1", target)
            case .symlink(let target): ("2", target)
            case .characterDevice: ("3", [])
            case .blockDevice: ("4", [])
            case .directory: ("5", [])
            case .fifo: ("6", [])
            }
        let names = "\(Path(path)) \(type) \(Path(link))"
        return "\(names) \(String(mode.rawValue, radix: 8)) \(owner.user) \(owner.group) \(modified.seconds) \(size)"
    }
}

/// Bytes in memory, given in parts of an odd length.
final class Bytes: ByteSource {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
        let part = rest.prefix(min(buffer.count, 777))
        buffer.copyBytes(from: part)
        rest = rest.dropFirst(part.count)
        return part.count
    }
}
