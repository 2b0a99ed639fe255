import SystemCalls
import Tar
import TestSupport
import Testing

/// What packed bytes were.
@Suite(.serialized) struct UnpackedBytesTests {
    private let scratch: Scratch
    private var file: ByteString { scratch / "files/file" }

    init() throws { scratch = try Scratch() }

    private func unpacked(_ bytes: [UInt8]) throws -> [UInt8] {
        let source = try Packing(beginning: bytes).unpacked(Bytes(bytes), named: "bytes")
        return try withUnsafeTemporaryAllocation(byteCount: 10_007, alignment: 16) { buffer in
            var all: [UInt8] = []
            while true {
                let count = try source.read(into: buffer)
                if count == 0 { return all }
                all += buffer[..<count]
            }
        }
    }

    private func packed(_ tool: [ByteString]) throws -> [UInt8] { try Command.succeed(tool + [file]).output }

    @Test(arguments: [
        (["gzip", "-cn"], Packing.gzip), (["gzip", "-cn1"], .gzip), (["zstd", "-cq"], .zstd),
        (["zstd", "-cq", "--ultra", "-22"], .zstd), (["cat"], .none),
    ])
    func areWhatTheyWere(_ tool: [String], _ packing: Packing) throws {
        for size in [0, 1, 300_000, 3_000_000] {
            try TreeBuilder.build(at: scratch / "files") { try $0.file("file", .pattern(size: size)) }
            let plain = try content(file)
            let bytes = try packed(tool.map { ByteString($0) })
            #expect(size == 0 && packing == .none || Packing(beginning: bytes) == packing)
            let isSame = try unpacked(bytes) == plain
            #expect(isSame, "\(size) bytes")
            // Members and frames follow one another.
            let isTwice = try unpacked(bytes + bytes) == plain + plain
            #expect(isTwice, "\(size) bytes")
            try Command.succeed(["rm", "-r", scratch / "files"])
        }
    }

    @Test(
        "skippable frames before, between and behind the frames of zstd data are skipped",
        arguments: [(0x50, 0), (0x50, 4), (0x57, 100_000), (0x5f, 700_000)] as [(UInt8, Int)])
    func skipsFrames(_ magic: UInt8, _ size: Int) throws {
        try TreeBuilder.build(at: scratch / "files") { try $0.file("file", .pattern(size: 300_000)) }
        let plain = try content(file)
        let frame = try packed(["zstd", "-cq"])
        let length = (0..<4).map { UInt8(truncatingIfNeeded: size >> (8 * $0)) }
        let skipped = [magic, 0x2a, 0x4d, 0x18] + length + [UInt8](repeating: 0x28, count: size)
        #expect(Packing(beginning: skipped) == .zstd)
        let rows = [
            (skipped + frame, 1), (skipped + skipped + frame, 1), (skipped + frame + skipped + frame + skipped, 2),
        ]
        for (bytes, count) in rows {
            let isSame = try unpacked(bytes) == Array(repeatElement(plain, count: count).joined())
            #expect(isSame, "\(bytes.count) bytes")
        }
        #expect(throws: ArchiveError.self) { try unpacked(Array((skipped + frame).dropLast())) }
        #expect(throws: ArchiveError.self) { try unpacked(skipped + plain) }
    }

    @Test(arguments: [["gzip", "-cn"], ["zstd", "-cq"]])
    func damageIsFound(_ tool: [String]) throws {
        try TreeBuilder.build(at: scratch / "files") { try $0.file("file", .pattern(size: 5000)) }
        let bytes = try packed(tool.map { ByteString($0) })
        for count in [bytes.count - 1, bytes.count / 2, 12] {
            #expect(throws: ArchiveError.self, "\(count) bytes") { try unpacked(Array(bytes.prefix(count))) }
        }
        #expect(throws: ArchiveError.self) { try unpacked(bytes + Array("more".utf8)) }
        var damaged = bytes
        damaged[bytes.count - 2] ^= 0x10
        #expect(throws: ArchiveError.self) { try unpacked(damaged) }
    }
}
