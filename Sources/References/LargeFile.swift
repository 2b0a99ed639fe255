import Synchronization
import SystemCalls

/// A file of which several workers may take pieces.
final class LargeFile: Sendable {
    let entry: ScanEntry
    let file: Descriptor
    private let pieceSize: Int64
    private let hasHoles: Bool
    private let next = Atomic<Int64>(0)
    private let isEnded = Atomic<Bool>(false)

    /// A file whose first piece somebody has already.
    init(_ file: consuming Descriptor, _ entry: ScanEntry, pieceSize: Int) throws(Errno) {
        let metadata = try file.metadata()
        hasHoles = metadata.allocated < metadata.size
        self.file = file
        self.entry = entry
        self.pieceSize = Int64(pieceSize)
        next.store(self.pieceSize, ordering: .relaxed)
    }

    /// Where the next piece with data begins; nil when all are taken. In a hole no window begins, for NUL is no digit.
    func take() throws(Errno) -> Int64? {
        while !isEnded.load(ordering: .relaxed) {
            let start = next.add(pieceSize, ordering: .relaxed).oldValue
            guard hasHoles else { return start }
            guard let data = try file.nextData(from: start) else { break }
            if data < start + pieceSize { return start }
            next.max(data / pieceSize * pieceSize, ordering: .relaxed)
        }
        return nil
    }

    /// The file ends in a piece that was taken: those that follow it are empty.
    func end() { isEnded.store(true, ordering: .relaxed) }
}
