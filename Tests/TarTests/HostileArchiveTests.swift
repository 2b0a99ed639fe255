import SystemCalls
import Tar
import TestSupport
import Testing

/// Archives that are damaged, or meant to do harm: an error each, the same whether contents are read or passed over.
@Suite struct HostileArchiveTests {
    private let scratch: Scratch
    private var path: Path { Path(scratch / "file") }

    init() throws { scratch = try Scratch() }

    private func put(_ bytes: [UInt8]) throws {
        try TreeBuilder.build(at: scratch.path) { try $0.file("file", .bytes(bytes)) }
    }

    /// What is said of a source; nil where it is read to its end.
    private func error(_ source: any ByteSource, _ ending: TarReader.Ending, takes: Bool) -> String? {
        do throws(ArchiveError) {
            var reader = TarReader(source, named: path, ending: ending)
            while let member = try reader.next() { if takes, !member.isSparse { _ = try reader.content() } }
            return nil
        } catch { return error.description }
    }

    @Test(arguments: HostileArchive.all)
    func isRefused(_ archive: HostileArchive) throws {
        try put(archive.bytes)
        for ending in [TarReader.Ending.marked, .any] {
            let errors = [
                error(Bytes(archive.bytes), ending, takes: true), error(Bytes(archive.bytes), ending, takes: false),
                error(try FilePart(path), ending, takes: false),
            ].map { $0 ?? "nothing" }
            for error in errors {
                #expect(error.contains(archive.why))
                #expect(error.hasPrefix("\(path.quoted) is no archive that can be read: ") && error.contains("; "))
            }
        }
    }

    /// What Docker takes, and what is nobody's loss.
    @Test(arguments: [0, 512, 1024])
    func anEndNeedNotBeMarked(_ zeros: Int) throws {
        let file = RawMember(size: RawMember.octal(3), content: Array("one".utf8)).bytes
        let bytes = file + [UInt8](repeating: 0, count: zeros)
        #expect(error(Bytes(bytes), .any, takes: true) == nil)
        #expect((error(Bytes(bytes), .marked, takes: true) == nil) == (zeros == 1024))
        #expect(error(Bytes(Array(file.dropLast(509))), .any, takes: true) == nil)
        #expect(error(Bytes(Array(file.dropLast(509))), .marked, takes: true)?.contains("it is cut off") == true)
    }

    /// Headers without end are not kept.
    @Test(arguments: ["x", "L", "K"] as [Character])
    func memoryIsBounded(_ type: Character) throws {
        let text = String(repeating: "c", count: 400)
        let content = type == "x" ? RawMember.line("comment=\(text)") : Array(text.utf8)
        let source = Endless(RawMember.extended(type, content))
        #expect(error(source, .any, takes: true)?.contains("longer than a mebibyte") == true)
    }

    /// Wherever a byte is another one, there is an archive or an error, and neither a crash nor a hang.
    @Test(arguments: ["gnu", "pax"], [UInt64(1), .random(in: 2...1 << 40)])
    func damageNeverCrashes(_ format: String, _ seed: UInt64) throws {
        let long = ByteString(String(repeating: "long/", count: 50))
        try TreeBuilder.build(at: scratch / "tree") { tree in
            try tree.file(long / "file", .pattern(size: 3000))
            try tree.symbolicLink("link", to: long / "file")
            try tree.hardLink("linked", to: long / "file")
        }
        let tar = scratch / "a.tar"
        try Command.succeed(["tar", ByteString("--format=\(format)"), "-cf", tar, "-C", scratch / "tree", "."])
        let whole = try content(tar)
        let headers = stride(from: 0, to: whole.count, by: 512).filter {
            whole[($0 + 257)...].starts(with: "ustar".utf8)
        }
        var random = SplitMix64(seed: seed)
        for _ in 0..<150 {
            var bytes = whole
            for _ in 0..<random.number(in: 1...3) {
                let header = random.pick(headers)
                // The extended header's text follows it.
                bytes[header + random.number(in: 0...700)] = UInt8(truncatingIfNeeded: random.next())
                if !random.once(in: 8) { RawMember.seal(&bytes, at: header) }
            }
            let read = error(Bytes(bytes), .any, takes: true)
            let passed = error(Bytes(bytes), .any, takes: false)
            #expect((read == nil) == (passed == nil), "seed \(seed)")
        }
    }
}

/// The same bytes again and again, more than anybody should want.
private final class Endless: ByteSource {
    private let bytes: [UInt8]
    private var given = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
        if given > 16 << 20 { return 0 }
        let part = bytes[(given % bytes.count)...].prefix(buffer.count)
        buffer.copyBytes(from: part)
        given += part.count
        return part.count
    }
}
