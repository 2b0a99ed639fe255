import Crypto
import Synchronization
import SystemCalls
import Tar

/// A layer that is written.
public struct LayerBlob: Hashable, Sendable {
    /// The digest of the archive before it was packed.
    public let diffID: Digest
    /// The blob.
    public let descriptor: BlobDescriptor
}

extension ArchiveCompression {
    /// Source: OCI image specification, layer.md.
    var layerType: String {
        switch self {
        case .none: MediaType.layer
        case .gzip: MediaType.layer + "+gzip"
        case .zstd: MediaType.layer + "+zstd"
        }
    }
}

/// Hashes a layer as it is written, before and after it is packed: it is not read again.
final class LayerHash: StreamObserver {
    private let plain = Mutex(SHA256())
    private let packed = Mutex(SHA256())
    private let isPacked: Bool
    private let written = Atomic<Int64>(0)

    init(_ compression: ArchiveCompression) { isPacked = compression != .none }

    func isWritten(_ bytes: UnsafeRawBufferPointer) { plain.withLock { $0.update(bufferPointer: bytes) } }

    func leaves(_ bytes: UnsafeRawBufferPointer) {
        written.add(Int64(bytes.count), ordering: .relaxed)
        if isPacked { packed.withLock { $0.update(bufferPointer: bytes) } }
    }

    /// What was written.
    func blob(_ mediaType: String) -> LayerBlob {
        let plain = Digest(plain.withLock { $0.finalize() })
        let digest = isPacked ? Digest(packed.withLock { $0.finalize() }) : plain
        let size = written.load(ordering: .relaxed)
        return LayerBlob(diffID: plain, descriptor: BlobDescriptor(mediaType, digest, size: size))
    }
}
