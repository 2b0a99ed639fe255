/// A list that grows by pieces of one size, so that no element is ever moved, or there twice while others are.
///
/// Each module that uses it has this file, Tar by a link: the compiler does not specialise it for another module, and
/// then its metadata alone cost 4,000 instructions a file.
struct Pieces<Element: Sendable>: Sendable {
    private var pieces: [[Element]] = []
    private(set) var count = 0
    private let size: Int

    init(size: Int) { self.size = size }

    /// Returns the element's number.
    mutating func append(_ element: Element) -> Int {
        if count == pieces.count * size { startPiece() }
        pieces[pieces.count - 1].append(element)
        count += 1
        return count - 1
    }

    subscript(number: Int) -> Element {
        get { pieces[number / size][number % size] }
        set { pieces[number / size][number % size] = newValue }
    }

    private mutating func startPiece() {
        var piece: [Element] = []
        piece.reserveCapacity(size)
        pieces.append(piece)
    }
}
