import Synchronization
import SystemCalls

/// A regular file of which several workers read pieces.
final class LargeFile: Sendable {
    let entry: ScanEntry
    let file: Descriptor
    private let pieceSize: Int64
    private let hasHoles: Bool
    private let next = Atomic<Int64>(0)
    private let isEnded = Atomic<Bool>(false)

    /// A file whose first piece has been read. Returns nil if it is not a regular file.
    init?(_ file: consuming Descriptor, _ entry: ScanEntry, pieceSize: Int) throws(Errno) {
        let metadata = try file.metadata()
        guard metadata.kind == .regular else { return nil }
        hasHoles = metadata.allocated < metadata.size ? try Self.ends(file, at: metadata.size) : false
        self.file = file
        self.entry = entry
        self.pieceSize = Int64(pieceSize)
        next.store(self.pieceSize, ordering: .relaxed)
    }

    /// Whether a file ends where its size says. If not, the file system may be wrong about its holes too.
    private static func ends(_ file: borrowing Descriptor, at size: Int64) throws(Errno) -> Bool {
        try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1) { byte throws(Errno) in
            try file.readOnce(into: UnsafeMutableRawBufferPointer(byte), at: size) == 0
        }
    }

    /// The offset of the next piece with data; nil if all are taken. No window begins in a hole, since NUL is not a
    /// digit. If the holes are unknown, the piece is read.
    func take() throws(Errno) -> Int64? {
        while !isEnded.load(ordering: .relaxed) {
            let start = self.next.add(pieceSize, ordering: .relaxed).oldValue
            guard hasHoles else { return start }
            let next: Int64?
            do throws(Errno) { next = try file.nextData(from: start) } catch {
                if error.isFatal { throw error }
                return start
            }
            guard let data = next else { break }
            if data < start + pieceSize { return start }
            self.next.max(data / pieceSize * pieceSize, ordering: .relaxed)
        }
        return nil
    }

    /// The file ends in a piece that was taken: those that follow it are empty.
    func end() { isEnded.store(true, ordering: .relaxed) }
}
