import Image
import Synchronization
import SystemCalls
import Tar

import struct Crypto.SHA256

/// Hashes what comes through.
final class HashedSource: ByteSource {
    private let source: any ByteSource
    private var hash = SHA256()
    private(set) var count: Int64 = 0
    private let onBytes: (Int) throws(ArchiveError) -> Void

    /// - Parameter onBytes: asked of each part, how many bytes it has; an error ends the reading.
    init(_ source: any ByteSource, onBytes: @escaping (Int) throws(ArchiveError) -> Void = { _ in }) {
        self.source = source
        self.onBytes = onBytes
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
        let read = try source.read(into: buffer)
        hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<read]))
        count += Int64(read)
        try onBytes(read)
        return read
    }

    /// Reads what is left.
    func drain() throws(ArchiveError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 4096)
        defer { buffer.deallocate() }
        while try read(into: buffer) > 0 {}
    }

    /// Of all that has come.
    var digest: Digest { Digest(hash.finalize()) }
}

/// How many bytes all readers together have read, and whether they are to stop.
final class BlobProgress: Sendable {
    /// The memory of the entries of all layers.
    let memory = LayerMemory()
    private let read = Atomic<Int64>(0)
    private let isCancelled: @Sendable () -> Bool

    init(_ isCancelled: @escaping @Sendable () -> Bool) { self.isCancelled = isCancelled }

    var bytes: Int64 { read.load(ordering: .relaxed) }

    func add(_ count: Int, of path: Path) throws(ArchiveError) {
        read.add(Int64(count), ordering: .relaxed)
        if isCancelled() { throw ArchiveError(.cancelled, path) }
    }
}
