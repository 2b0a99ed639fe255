import FileTree
import SystemCalls

/// Numbers for paths, in the order in which they are inserted.
///
/// A dictionary takes about 100 bytes for a path beside its bytes, and twice as many while it grows; this takes 20.
struct PathTable: Sendable {
    /// PATH_MAX: no unpacker can create a longer path at once.
    private static let maxLength = 4096

    private var names = NamePieces()
    private var positions: [NamePieces.Position] = []
    private var index = HashIndex()

    var count: Int { positions.count }

    subscript(number: Int) -> Path { Path(Array(names[positions[number]])) }

    /// The number of a path; nil if it was not inserted.
    func number(of path: Path) -> Int? {
        path.bytes.withUnsafeBytes { bytes in
            index.find(path.hashValue) { names[positions[$0]].elementsEqual(bytes) }
        }
    }

    /// Returns the number of the path, which is `count` before the call if the path is new. Returns nil for a path that
    /// is too long to be unpacked.
    mutating func insert(_ path: Path) -> Int? {
        if path.bytes.count > Self.maxLength { return nil }
        if let number = number(of: path) { return number }
        let number = positions.count
        positions.append(names.append(path.bytes))
        index.add(number, path.hashValue) { [names, positions] in Path(Array(names[positions[$0]])).hashValue }
        return number
    }
}
