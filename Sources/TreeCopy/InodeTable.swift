import SystemCalls

/// The inodes that a run may meet again, and where it put each of them: 32 bytes, a name and six bytes of index apiece.
///
/// A dictionary of places takes 170 bytes, and more while it grows. Records and names are kept in pieces that never
/// move, and the index, which does, holds numbers of four bytes.
struct InodeTable: Sendable {
    enum Whereabouts: Sendable {
        case nowhere
        case beingMade
        case made(HardLinkTable.Place)
    }

    /// Eight bytes, for a reference has room for the cases without one.
    private enum Holder: Sendable {
        case nobody, maker
        case directory(DirectoryTask)
        case root(RootTask)
    }

    private struct Record: Sendable {
        let file: FileIdentity
        var holder = Holder.nobody
        var name = NamePieces.Position()
    }

    /// What has a slot and is not in use; no table has as many records.
    private static let free = UInt32.max
    private var records = Pieces<Record>(size: 1024)
    private var names = NamePieces()
    /// Record numbers by hash, with linear probing; a power of two, at most three quarters of it in use.
    private var slots = [UInt32](repeating: Self.free, count: 64)

    /// The number of the inode's record, which is added where there is none.
    mutating func number(of file: FileIdentity) -> Int {
        let slot = slot(for: file)
        if slots[slot] != Self.free { return Int(slots[slot]) }
        let number = records.append(Record(file: file))
        slots[slot] = UInt32(number)
        if records.count * 4 > slots.count * 3 { grow() }
        return number
    }

    subscript(number: Int) -> Whereabouts {
        get {
            let record = records[number]
            return switch record.holder {
            case .nobody: .nowhere
            case .maker: .beingMade
            case .directory(let task): .made(.entry(of: task, name: Name(names[record.name])))
            case .root(let root): .made(.root(root))
            }
        }
        set {
            switch newValue {
            case .nowhere: records[number].holder = .nobody
            case .beingMade: records[number].holder = .maker
            case .made(.root(let root)): records[number].holder = .root(root)
            case .made(.entry(let task, let name)):
                records[number].holder = .directory(task)
                records[number].name = names.append(name.bytes)
            }
        }
    }

    /// Where the inode's number is, or belongs.
    private func slot(for file: FileIdentity) -> Int {
        var slot = file.hashValue & (slots.count - 1)
        while slots[slot] != Self.free, records[Int(slots[slot])].file != file {
            slot = (slot + 1) & (slots.count - 1)
        }
        return slot
    }

    private mutating func grow() {
        slots = [UInt32](repeating: Self.free, count: slots.count * 2)
        for number in 0..<records.count { slots[slot(for: records[number].file)] = UInt32(number) }
    }
}

/// A list that grows by pieces of one size, so that no element is ever moved, or there twice while others are.
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

/// Names of directory entries, one after the other. NAME_MAX is 255, but some file systems have more: vfat counts UTF-16
/// units, of which each may take three bytes.
struct NamePieces: Sendable {
    struct Position: Sendable {
        fileprivate var piece: UInt32 = 0
        fileprivate var start: UInt16 = 0
        fileprivate var count: UInt16 = 0
    }

    private static let size = 32 * 1024
    private var pieces: [[UInt8]] = []

    mutating func append(_ name: [UInt8]) -> Position {
        if pieces.isEmpty || pieces[pieces.count - 1].count + name.count > Self.size { startPiece() }
        let last = pieces.count - 1
        let start = pieces[last].count
        pieces[last].append(contentsOf: name)
        return Position(piece: UInt32(last), start: UInt16(start), count: UInt16(name.count))
    }

    subscript(position: Position) -> ArraySlice<UInt8> {
        let start = Int(position.start)
        return pieces[Int(position.piece)][start..<(start + Int(position.count))]
    }

    private mutating func startPiece() {
        var piece: [UInt8] = []
        piece.reserveCapacity(Self.size)
        pieces.append(piece)
    }
}
