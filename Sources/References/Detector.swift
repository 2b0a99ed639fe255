/// What a worker looks for; each has its own.
protocol Detector: Sendable {
    associatedtype Finding: Hashable & Sendable

    /// How many bytes before, and after, the first byte of a window it may have to see.
    var reach: (before: Int, after: Int) { get }
    /// What was found since it was last emptied.
    var found: Set<Finding> { get set }
    /// Looks at the windows that begin in `starts`.
    mutating func scan(_ bytes: UnsafeRawBufferPointer, _ starts: Range<Int>)
}

extension Detector {
    /// Looks at all of something that stands for itself, such as a name.
    mutating func scan(_ bytes: [UInt8]) { bytes.withUnsafeBytes { scan($0, 0..<$0.count) } }
}

/// Finds known hash parts, by their numbers.
struct HashDetector: Detector {
    let reach = (before: 0, after: HashPart.length - 1)
    var found: Set<Int> = []
    private let known: KnownHashes
    /// In a run of one digit, the same part may be found at every byte.
    private var last = -1

    init(_ known: KnownHashes) { self.known = known }

    mutating func scan(_ bytes: UnsafeRawBufferPointer, _ starts: Range<Int>) {
        guard let base = bytes.baseAddress else { return }
        last = -1
        DigitWindows.forEach(in: bytes, starts) { start in
            guard let part = known.find(base + start), part != last else { return }
            last = part
            found.insert(part)
        }
    }
}

/// Finds names of store paths, in full, whose hash parts are not known.
struct StrangerDetector: Detector {
    let reach: (before: Int, after: Int)
    var found: Set<[UInt8]> = []
    private let known: KnownHashes
    /// The store's directory and a slash.
    private let prefix: [UInt8]

    init(_ known: KnownHashes, prefix: [UInt8]) {
        self.known = known
        self.prefix = prefix
        reach = (prefix.count, HashPart.length + NamePart.longest)
    }

    mutating func scan(_ bytes: UnsafeRawBufferPointer, _ starts: Range<Int>) {
        guard let base = bytes.baseAddress else { return }
        DigitWindows.forEach(in: bytes, starts) { start in
            let dash = start + HashPart.length
            guard dash < bytes.count, bytes[dash] == UInt8(ascii: "-"), start >= prefix.count,
                bytes[(start - prefix.count)..<start].elementsEqual(prefix), known.find(base + start) == nil
            else { return }
            let name = bytes[(dash + 1)...].prefix(NamePart.longest).prefix(while: NamePart.mayHave)
            if !name.isEmpty { found.insert(Array(bytes[start..<name.endIndex])) }
        }
    }
}
