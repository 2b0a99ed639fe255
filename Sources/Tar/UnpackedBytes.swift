import CCompression
package import SystemCalls

/// How bytes are packed, as their beginning tells.
package enum Packing: Hashable, Sendable {
    case none, gzip, zstd

    /// How many bytes tell it.
    package static let length = 4

    /// Source: RFC 1952, 2.3.1; RFC 8878, 3.1.1 and, for skippable frames, which pzstd writes, 3.1.2.
    package init(beginning bytes: some Sequence<UInt8>) {
        let start = Array(bytes.prefix(Self.length))
        if start.starts(with: [0x1f, 0x8b]) {
            self = .gzip
        } else if start == [0x28, 0xb5, 0x2f, 0xfd] {
            self = .zstd
        } else {
            let isSkipped = start.dropFirst() == [0x2a, 0x4d, 0x18] && (0x50...0x5f).contains(start[0])
            self = isSkipped ? .zstd : .none
        }
    }

    /// What the packed bytes were.
    package func unpacked(_ source: any ByteSource, named path: Path) throws(ArchiveError) -> any ByteSource {
        switch self {
        case .none: source
        case .gzip: try GzipSource(source, path)
        case .zstd: try ZstdSource(source, path)
        }
    }
}

private func damaged(_ what: String, _ path: Path) -> ArchiveError {
    ArchiveError(.malformed("\(what); make or fetch it anew"), path)
}

/// Packed bytes on their way to what unpacks them.
private struct PackedBytes: ~Copyable {
    private let source: any ByteSource
    private let buffer: UnsafeMutableRawBufferPointer
    private var available = 0..<0

    init(_ source: any ByteSource) {
        self.source = source
        buffer = .allocate(byteCount: 128 * 1024, alignment: 4096)
    }

    deinit { buffer.deallocate() }

    /// What is there, once there is something; none at the end.
    mutating func next() throws(ArchiveError) -> UnsafeMutableRawBufferPointer {
        if available.isEmpty { available = 0..<(try source.read(into: buffer)) }
        return UnsafeMutableRawBufferPointer(rebasing: buffer[available])
    }

    mutating func take(_ count: Int) { available = (available.lowerBound + count)..<available.upperBound }
}

/// Unpacks members of RFC 1952, one after the other, by zlib: other people's blobs are one large member, which
/// libdeflate does not unpack in parts.
private final class GzipSource: ByteSource {
    /// A window of 32 KiB, and gzip's header. Source: zlib.h, 'inflateInit2'.
    private static let windowBits: Int32 = 15 + 16

    private let path: Path
    private var packed: PackedBytes
    private let stream: UnsafeMutablePointer<z_stream>
    /// Between members, where the bytes may end.
    private var isBetween = false

    init(_ source: any ByteSource, _ path: Path) throws(ArchiveError) {
        self.path = path
        packed = PackedBytes(source)
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let status = inflateInit2_(
            stream, Self.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { throw ArchiveError(.read, .noMemory, path) }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
        while !buffer.isEmpty {
            let input = try packed.next()
            if input.isEmpty {
                if isBetween { return 0 }
                throw damaged("its gzip data ends too early", path)
            }
            if isBetween, inflateReset(stream) != Z_OK {
                throw damaged("its gzip data is damaged", path)
            }
            isBetween = false
            let count = try unpack(input, into: buffer)
            if count > 0 { return count }
        }
        return 0
    }

    private func unpack(
        _ input: UnsafeMutableRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(ArchiveError) -> Int {
        stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_in = UInt32(input.count)
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(output.count)
        let status = inflate(stream, Z_NO_FLUSH)
        guard status == Z_OK || status == Z_STREAM_END else {
            throw damaged("its gzip data is damaged", path)
        }
        packed.take(input.count - Int(stream.pointee.avail_in))
        isBetween = status == Z_STREAM_END
        return output.count - Int(stream.pointee.avail_out)
    }
}

/// Unpacks frames of RFC 8878, one after the other.
private final class ZstdSource: ByteSource {
    private let path: Path
    private var packed: PackedBytes
    private let context: OpaquePointer
    /// Between frames, where the bytes may end.
    private var isBetween = false

    init(_ source: any ByteSource, _ path: Path) throws(ArchiveError) {
        guard let context = ZSTD_createDCtx() else { throw ArchiveError(.read, .noMemory, path) }
        self.context = context
        self.path = path
        packed = PackedBytes(source)
    }

    deinit { ZSTD_freeDCtx(context) }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
        while !buffer.isEmpty {
            let input = try packed.next()
            var from = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
            var into = ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
            // What the context holds back comes out without any input.
            if input.isEmpty, isBetween { return 0 }
            let rest = ZSTD_decompressStream(context, &into, &from)
            guard ZSTD_isError(rest) == 0 else {
                throw damaged("its zstd data is damaged", path)
            }
            packed.take(from.pos)
            isBetween = rest == 0
            if into.pos > 0 { return into.pos }
            if input.isEmpty {
                throw damaged("its zstd data ends too early", path)
            }
        }
        return 0
    }
}
