/// Names of directory entries, one after the other. NAME_MAX is 255, but some file systems have more: vfat counts
/// UTF-16 units, of which each may take three bytes.
package struct NamePieces: Sendable {
    package struct Position: Sendable {
        fileprivate var piece: UInt32 = 0
        fileprivate var start: UInt16 = 0
        fileprivate var count: UInt16 = 0

        package init() {}
    }

    private static let size = 32 * 1024
    private var pieces: [[UInt8]] = []

    package init() {}

    package mutating func append(_ name: [UInt8]) -> Position {
        if pieces.isEmpty || pieces[pieces.count - 1].count + name.count > Self.size { startPiece() }
        let last = pieces.count - 1
        let start = pieces[last].count
        pieces[last].append(contentsOf: name)
        var position = Position()
        (position.piece, position.start, position.count) = (UInt32(last), UInt16(start), UInt16(name.count))
        return position
    }

    package subscript(position: Position) -> ArraySlice<UInt8> {
        let start = Int(position.start)
        return pieces[Int(position.piece)][start..<(start + Int(position.count))]
    }

    private mutating func startPiece() {
        var piece: [UInt8] = []
        piece.reserveCapacity(Self.size)
        pieces.append(piece)
    }
}
