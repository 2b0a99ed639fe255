import SystemCalls
import Tar

extension StoredImage.Layer {
    /// Reads the layer's archive, until `take` returns false.
    func forEachMember(
        _ isCancelled: @escaping () -> Bool, _ take: (Member, inout TarReader) throws(ArchiveError) -> Bool
    ) throws(PathError) {
        // Whatever its type says: Docker goes by the bytes too.
        let packing = Packing(beginning: try place.beginning(Packing.length))
        let file = FilePart(try place.open(), named: place.file, place.range)
        let bytes = CancellableBytes(file, named: place.file, isCancelled)
        do throws(ArchiveError) {
            var reader = TarReader(
                try packing.unpacked(bytes, named: place.file), named: place.file, ending: .any)
            while let member = try reader.next(), try take(member, &reader) {}
        } catch {
            throw PathError(
                error.path, "cannot list the layer \(descriptor.digest) of the base: \(error.description)", error.errno,
                isCancelled: error.reason == .cancelled)
        }
    }
}

/// Bytes that somebody may lose interest in.
private final class CancellableBytes: ByteSource {
    private let source: any ByteSource
    private let path: Path
    private let isCancelled: () -> Bool

    init(_ source: any ByteSource, named path: Path, _ isCancelled: @escaping () -> Bool) {
        self.source = source
        self.path = path
        self.isCancelled = isCancelled
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
        if isCancelled() { throw ArchiveError(.cancelled, path) }
        return try source.read(into: buffer)
    }

    func skip(_ count: Int64) throws(ArchiveError) -> Int64 { try source.skip(count) }
}
