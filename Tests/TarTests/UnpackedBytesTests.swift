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
