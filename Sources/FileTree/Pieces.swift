/// A list that grows by pieces of one size, so that no element is ever moved, or there twice while others are.
package struct Pieces<Element: Sendable>: Sendable {
    private var pieces: [[Element]] = []
    package private(set) var count = 0
    private let size: Int

    package init(size: Int) { self.size = size }

    /// Returns the element's number.
    package mutating func append(_ element: Element) -> Int {
        if count == pieces.count * size { startPiece() }
        pieces[pieces.count - 1].append(element)
        count += 1
        return count - 1
    }

    package subscript(number: Int) -> Element {
        get { pieces[number / size][number % size] }
        set { pieces[number / size][number % size] = newValue }
    }

    private mutating func startPiece() {
        var piece: [Element] = []
        piece.reserveCapacity(size)
        pieces.append(piece)
    }
}

/// Names of directory entries, one after the other. NAME_MAX is 255, but some file systems have more: vfat counts UTF-16
/// units, of which each may take three bytes.
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
