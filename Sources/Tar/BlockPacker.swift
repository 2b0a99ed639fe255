import CCompression
import SystemCalls

extension ArchiveCompression {
    /// What packs, and its version: another one may write other bytes.
    package var program: String {
        switch self {
        case .none: "none"
        case .gzip: "libdeflate \(LIBDEFLATE_VERSION_STRING)"
        case .zstd: "zstd \(String(cString: ZSTD_versionString()))"
        }
    }
}

/// Packs one block after the other, each by itself, so that the result does not depend on who packs which.
protocol BlockPacker: Sendable {
    /// A whole member or frame of the format.
    func pack(_ block: UnsafeMutableRawBufferPointer) throws(Errno) -> [UInt8]

    /// What comes after the last one.
    func end(isEmpty: Bool) -> [UInt8]
}

extension BlockPacker {
    func end(isEmpty: Bool) -> [UInt8] { [] }
}

/// Members of RFC 1952, one a block, by libdeflate: its output depends neither on the processor, as ISA-L's does, nor
/// on the number of threads.
struct GzipPacker: BlockPacker {
    let level: Int

    func pack(_ block: UnsafeMutableRawBufferPointer) throws(Errno) -> [UInt8] {
        guard let compressor = libdeflate_alloc_compressor(Int32(level)) else { throw .noMemory }
        defer { libdeflate_free_compressor(compressor) }
        let bound = libdeflate_gzip_compress_bound(compressor, block.count)
        let packed = [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
            count = libdeflate_gzip_compress(
                compressor, block.baseAddress, block.count, buffer.baseAddress, buffer.count)
        }
        guard !packed.isEmpty else { throw .noMemory }
        return packed
    }
}

/// Frames of RFC 8878, one a block, with the block's size and checksum.
struct ZstdPacker: BlockPacker {
    let level: Int

    func pack(_ block: UnsafeMutableRawBufferPointer) throws(Errno) -> [UInt8] {
        guard let context = ZSTD_createCCtx() else { throw .noMemory }
        defer { ZSTD_freeCCtx(context) }
        try checked(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Int32(level)))
        try checked(ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1))
        let bound = ZSTD_compressBound(block.count)
        var result = 0
        let packed = [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
            result = ZSTD_compress2(context, buffer.baseAddress, buffer.count, block.baseAddress, block.count)
            count = ZSTD_isError(result) == 0 ? result : 0
        }
        try checked(result)
        return packed
    }

    /// A block always fits its bound, so all that can fail is memory.
    private func checked(_ result: Int) throws(Errno) {
        if ZSTD_isError(result) != 0 { throw .noMemory }
    }
}
