import ImageVerification
import NixClosure
import SystemCalls
import TestSupport
import Testing

@testable import Image
@testable import Tar

/// Changed archives, compressed streams and images.
@Suite(.serialized) struct ArchiveFuzzTests {
    private static let tokens = [
        "path=", "linkpath=", "size=", "mtime=", "GNU.sparse.major=1\n", "GNU.sparse.name=x\n",
        "SCHILY.xattr.user.a=b\n",
        "11 path=ab\n", "\0", "ustar\u{0}00", "ustar  \u{0}", "././@LongLink", ".wh.", ".wh..wh..opq", "../", "/",
        "nix/store/00000000000000000000000000000000-app/", "0000644\0", "77777777777",
    ]

    /// Bytes in memory, which are read in small parts.
    private final class Memory: ByteSource {
        private var rest: ArraySlice<UInt8>

        init(_ bytes: [UInt8]) { rest = bytes[...] }

        func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
            let part = rest.prefix(min(buffer.count, 700))
            buffer.copyBytes(from: part)
            rest = rest.dropFirst(part.count)
            return part.count
        }
    }

    /// Corrects the checksums of most headers, without which a reader sees none of a change.
    static func correctChecksums(_ input: [UInt8], _ mutator: inout Mutator) -> [UInt8] {
        var input = input
        for start in stride(from: 0, to: input.count - 511, by: 512) {
            let isHeader = input[(start + 257)..<(start + 262)].elementsEqual("ustar".utf8)
            guard isHeader, !mutator.once(in: 20) else { continue }
            for place in (start + 148)..<(start + 156) { input[place] = UInt8(ascii: " ") }
            let sum = input[start..<(start + 512)].reduce(0) { $0 + Int($1) }
            let digits = Array(String(sum, radix: 8).utf8)
            let text = [UInt8](repeating: UInt8(ascii: "0"), count: 6 - digits.count) + digits + [0]
            input.replaceSubrange((start + 148)..<(start + 155), with: text)
        }
        return input
    }

    @Test("no archive crashes its reader, whose members have names without '..' and NUL bytes")
    func archives() throws {
        let fuzzer = try Fuzzer("archives")
        try fuzzer.run(tokens: Self.tokens, finish: Self.correctChecksums) { input in
            var reader = TarReader(Memory(input), named: "input", ending: .any)
            var kinds = ""
            do throws(ArchiveError) {
                while let member = try reader.next() {
                    let isPlain = !member.path.contains(0) && !Path(member.path).components.contains("..")
                    if !isPlain || member.path.isEmpty || member.size < 0 { Issue.record("\(member)") }
                    kinds += "\(member.kind)".prefix(3) + "\(member.attributes.count > 0)\(member.isSparse) "
                    if member.isSparse { continue }
                    var size: Int64 = 0
                    while let part = try reader.nextPart() { size += Int64(part.count) }
                    if member.kind == .regular, size != member.size { Issue.record("\(size) bytes of \(member)") }
                }
                return kinds
            } catch { return error.description }
        }
    }

    @Test("no compressed stream crashes its reader or is read without an end")
    func streams() throws {
        let fuzzer = try Fuzzer("streams")
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65536, alignment: 16)
        defer { buffer.deallocate() }
        try fuzzer.run(tokens: ["\u{1f}", "\u{50}\u{2a}\u{4d}\u{18}", "\u{28}", "\0\0\0\0"]) { input in
            let packing = Packing(beginning: input)
            do throws(ArchiveError) {
                let source = try packing.unpacked(Memory(input), named: "input")
                var size = 0
                while size < 16 << 20 {
                    let count = try source.read(into: buffer)
                    if count == 0 { break }
                    size += count
                }
                return "\(packing) of \(size.bitWidth - size.leadingZeroBitCount)"
            } catch { return error.description }
        }
    }

    @Test("no archive of Docker crashes its readers")
    func dockerArchives() throws {
        let fuzzer = try Fuzzer("docker-archives")
        let scratch = try Scratch()
        let file = InputFile(scratch / "archive")
        let store = try Store(directory: "/nix/store", root: Path(scratch / "root"))
        let tokens =
            Self.tokens + ["\"Config\":", "\"Layers\":", "\"RepoTags\":", "[", "]", "null", ",", "manifest.json"]
        try fuzzer.run(tokens: tokens, finish: Self.correctChecksums) { input in
            try file.write(input)
            return outcome(of: .dockerArchive(file.path, name: nil), store)
                + outcome(of: .layoutArchive(file.path, tag: "t"), store)
        }
    }

    /// Opens the image as a base, and verifies it.
    private func outcome(of reference: ImageReference, _ store: Store) -> String {
        var outcome: String
        do throws(PathError) {
            let image = try StoredImage(reference, for: Platform(os: "linux", architecture: "amd64"))
            outcome = "a base of \(min(image.layerCount, 3)) "
        } catch { outcome = error.description }
        var verification = ImageVerification(of: reference, in: store)
        (verification.workers, verification.takesAll) = (1, true)
        do throws(PathError) {
            let report = try verification.run()
            return outcome + Set(report.findings.map(\.kind)).sorted().joined(separator: " ")
        } catch { return outcome + error.description }
    }

    @Test("no image layout crashes its readers")
    func layouts() throws {
        let fuzzer = try Fuzzer("layouts")
        let scratch = try Scratch()
        let layout = try Layout(in: scratch)
        let store = try Store(directory: "/nix/store", root: Path(scratch / "root"))
        let tokens = Self.tokens + ["@manifest", "@config", "@layer", "@diff", "null", "[", "]", ",", MediaType.index]
        try fuzzer.run(seeds: [Layout.seed], tokens: tokens) { input in
            try layout.write(input)
            defer { layout.removeBlobs() }
            return outcome(of: .layout(Path(scratch / "layout"), tag: "t"), store)
        }
    }
}

/// An image layout whose index, manifest, configuration and layer are the parts of an input. Names of the parts are
/// replaced by their digests.
final class Layout {
    static let seed: String = {
        let tag = #""annotations":{"org.opencontainers.image.ref.name":"t"}"#
        let type = #""mediaType":"application/vnd.oci.image."#
        return [
            #"{"schemaVersion":2,"manifests":[{\#(type)manifest.v1+json","digest":"@manifest","size":@m,\#(tag)}]}"#,
            """
            {"schemaVersion":2,\(type)manifest.v1+json","config":{\(type)config.v1+json","digest":"@config","size":@c},\
            "layers":[{\(type)layer.v1.tar","digest":"@layer","size":@l}]}
            """,
            """
            {"architecture":"amd64","os":"linux","config":{"Env":["A=1"]},"rootfs":{"type":"layers",\
            "diff_ids":["@layer"]},"history":[{"created_by":"x"}]}
            """,
            String(repeating: "\0", count: 1024),
        ].joined(separator: "\u{1}")
    }()

    private let directory: ByteString
    private var blobs: [InputFile] = []

    init(in scratch: Scratch) throws {
        directory = scratch / "layout"
        try Command.succeed(["mkdir", "-p", directory / "blobs/sha256"])
        try InputFile(directory / "oci-layout").write(Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8))
    }

    func write(_ input: [UInt8]) throws {
        var parts = input.split(separator: 1, maxSplits: 3, omittingEmptySubsequences: false).map { Array($0) }
        while parts.count < 4 { parts.append([]) }
        for (name, short, place) in [("@layer", "@l", 3), ("@config", "@c", 2), ("@manifest", "@m", 1)] {
            let blob = parts[place]
            let digest = Digest(of: blob)
            blobs.append(InputFile(directory / "blobs/sha256" / ByteString(digest.hex)))
            try blobs[blobs.count - 1].write(blob)
            for other in 0..<3 {
                let text = String(decoding: parts[other], as: UTF8.self)
                guard text.contains(short) else { continue }
                parts[other] = Array(
                    text.replacing(name, with: "\(digest)").replacing(short, with: "\(blob.count)").utf8)
            }
        }
        try InputFile(directory / "index.json").write(parts[0])
    }

    func removeBlobs() {
        for blob in blobs { blob.remove() }
        blobs = []
    }
}
