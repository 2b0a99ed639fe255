import Image
import NixClosure
import SystemCalls
import Tar

/// What the bytes of a blob say, each read once.
struct BlobExamination: Sendable {
    let digest: Digest
    let size: Int64
    let packing: Packing
    /// Why it is no layer; the digest is right all the same.
    var failure: String?
    /// The digest of the archive before it was packed.
    var diffID: Digest?
    /// What is in the layer, as far as it could be read.
    var content: LayerContent?

    /// - Parameter store: whose paths are hashed; nil for a blob that is no layer.
    init(
        of place: FilePlace, in store: Store?, _ progress: BlobProgress
    ) throws(ArchiveError) {
        packing = Packing(beginning: try place.beginning(Int64(Packing.length)))
        let part = FilePart(try place.open(), named: place.file, place.range)
        let packed = HashedSource(part) { (count) throws(ArchiveError) in try progress.add(count, of: place.file) }
        if let store {
            do throws(ArchiveError) {
                let plain = packing == .none ? packed : HashedSource(try packing.unpacked(packed, named: place.file))
                content = try Self.content(of: plain, place, packing, store, progress)
                diffID = plain.digest
            } catch {
                switch error.reason {
                case .cancelled, .refused: throw error
                default: failure = error.description
                }
            }
        }
        try packed.drain()
        digest = packed.digest
        size = packed.count
    }

    private static func content(
        of plain: HashedSource, _ place: FilePlace, _ packing: Packing, _ store: Store,
        _ progress: BlobProgress
    ) throws(ArchiveError) -> LayerContent {
        // Whether it is whole its digest tells; what others write often lacks the mark of an archive's end.
        var reader = TarReader(plain, named: place.file, ending: .any)
        let linked =
            packing == .none
            ? LinkedContent(in: try place.open(), named: place.file, at: place.range.lowerBound) : try LinkedContent()
        var content = LayerContentReader(store, linked, progress)
        while let member = try reader.next() { try content.take(member, &reader) }
        try reader.drain()
        return content.finish()
    }
}
